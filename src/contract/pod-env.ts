const secretName = /key|token|secret|pass|pwd|cred|auth|private|cookie|dsn/i;
const publicName = /^(SSH_)?PUBLIC_KEY$/;
const secretValue = /^(rpa_|hf_|sk-|ghp_|gho_|github_pat_|xox|AKIA|eyJ)|:\/\/[^/\s:]+:[^/\s@]+@/;
const reference = /^\{\{.*\}\}$/;

/** Values that are, or look like, secrets are never shown nor kept; RunPod's `{{ RUNPOD_SECRET_x }}` only names one. */
export function maskEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  const mask = (name: string, value: string) => {
    if (value === "" || reference.test(value) || publicName.test(name)) return value;
    return secretName.test(name) || secretValue.test(value) ? "••••" : value;
  };
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, mask(name, value)]));
}
