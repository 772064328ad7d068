import { createStore, type StoreApi } from "zustand/vanilla";
import type { LogBuffer } from "./log-buffer.js";
import { type ActionsEvent, type ActionsState, actionsReducer, initialActions } from "./slices/actions.js";
import { type ActivityEvent, type ActivityState, activityReducer, initialActivity } from "./slices/activity.js";
import { type AlertsEvent, type AlertsState, alertsReducer, initialAlerts } from "./slices/alerts.js";
import { type ChainEvent, type ChainState, chainReducer, initialChain } from "./slices/chain.js";
import { type CostsEvent, type CostsState, costsReducer, initialCosts } from "./slices/costs.js";
import {
  type ExperimentDetailEvent,
  type ExperimentDetailState,
  experimentDetailReducer,
  initialExperimentDetail,
} from "./slices/experiment-detail.js";
import {
  type ExperimentsEvent,
  type ExperimentsState,
  experimentsReducer,
  initialExperiments,
} from "./slices/experiments.js";
import { initialLink, type LinkEvent, type LinkState, linkReducer } from "./slices/link.js";
import { initialLog, type LogAppEvent, type LogState, logReducer } from "./slices/log.js";
import { initialPodDetail, type PodDetailEvent, type PodDetailState, podDetailReducer } from "./slices/pod-detail.js";
import { initialPods, type PodsEvent, type PodsState, podsReducer } from "./slices/pods.js";
import { initialQueues, type QueuesEvent, type QueuesState, queuesReducer } from "./slices/queues.js";
import { initialSettings, type SettingsEvent, type SettingsState, settingsReducer } from "./slices/settings.js";
import { initialStock, type StockEvent, type StockState, stockReducer } from "./slices/stock.js";
import { initialTemplates, type TemplatesEvent, type TemplatesState, templatesReducer } from "./slices/templates.js";
import { initialView, type ViewEvent, type ViewState, viewReducer } from "./slices/view.js";

export interface AppState {
  readonly link: LinkState;
  readonly experiments: ExperimentsState;
  readonly experimentDetail: ExperimentDetailState;
  readonly queues: QueuesState;
  readonly log: LogState;
  readonly chain: ChainState;
  readonly pods: PodsState;
  readonly podDetail: PodDetailState;
  readonly costs: CostsState;
  readonly settings: SettingsState;
  readonly stock: StockState;
  readonly actions: ActionsState;
  readonly activity: ActivityState;
  readonly alerts: AlertsState;
  readonly templates: TemplatesState;
  readonly view: ViewState;
}

export type AppEvent =
  | LinkEvent
  | ExperimentsEvent
  | ExperimentDetailEvent
  | QueuesEvent
  | ActivityEvent
  | LogAppEvent
  | ChainEvent
  | PodsEvent
  | PodDetailEvent
  | CostsEvent
  | SettingsEvent
  | StockEvent
  | ActionsEvent
  | AlertsEvent
  | TemplatesEvent
  | ViewEvent;
export type Dispatch = (event: AppEvent) => void;

export interface AppStore {
  readonly api: StoreApi<AppState>;
  readonly dispatch: Dispatch;
  /** Several events as one change: those who listen are told once. */
  readonly dispatchAll: (events: readonly AppEvent[]) => void;
}

const reducers = {
  link: linkReducer,
  experiments: experimentsReducer,
  experimentDetail: experimentDetailReducer,
  queues: queuesReducer,
  activity: activityReducer,
  log: logReducer,
  chain: chainReducer,
  pods: podsReducer,
  telemetry: podsReducer,
  podDetail: podDetailReducer,
  costs: costsReducer,
  settings: settingsReducer,
  stock: stockReducer,
  action: actionsReducer,
  notice: actionsReducer,
  alerts: alertsReducer,
  templates: templatesReducer,
  view: viewReducer,
} as const;

/** The part of the state that an event's first word changes. */
const sliceOf: Readonly<Record<keyof typeof reducers, keyof AppState>> = {
  link: "link",
  experiments: "experiments",
  experimentDetail: "experimentDetail",
  queues: "queues",
  activity: "activity",
  log: "log",
  chain: "chain",
  pods: "pods",
  telemetry: "pods",
  podDetail: "podDetail",
  costs: "costs",
  settings: "settings",
  stock: "stock",
  action: "actions",
  notice: "actions",
  alerts: "alerts",
  templates: "templates",
  view: "view",
};

/** The next state. Slices that an event does not concern keep their identity. */
export function reduce(state: AppState, event: AppEvent): AppState {
  const word = event.type.slice(0, event.type.indexOf("/")) as keyof typeof reducers;
  const slice = sliceOf[word];
  const reducer = reducers[word] as (part: AppState[typeof slice], event: AppEvent) => AppState[typeof slice];
  const next = reducer(state[slice], event);
  return next === state[slice] ? state : { ...state, [slice]: next };
}

export function initialState(buffer: LogBuffer): AppState {
  return {
    link: initialLink,
    experiments: initialExperiments,
    experimentDetail: initialExperimentDetail,
    queues: initialQueues,
    activity: initialActivity,
    log: initialLog(buffer),
    chain: initialChain,
    pods: initialPods,
    podDetail: initialPodDetail,
    costs: initialCosts,
    settings: initialSettings,
    stock: initialStock,
    actions: initialActions,
    alerts: initialAlerts,
    templates: initialTemplates,
    view: initialView,
  };
}

/** zustand holds the value; the reducers alone change it. */
export function createAppStore(first: AppState): AppStore {
  const api = createStore<AppState>(() => first);
  return {
    api,
    dispatch: (event) => api.setState((state) => reduce(state, event), true),
    dispatchAll: (events) => api.setState((state) => events.reduce(reduce, state), true),
  };
}
