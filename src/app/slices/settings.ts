import type { LabSettings } from "../../contract/settings.js";

/** Rules of the lab that the screen warns by; null until they have come. */
export interface SettingsState {
  readonly settings: LabSettings | null;
}

export interface SettingsEvent {
  readonly type: "settings/received";
  readonly settings: LabSettings;
}

export const initialSettings: SettingsState = { settings: null };

export function settingsReducer(_state: SettingsState, event: SettingsEvent): SettingsState {
  return { settings: event.settings };
}
