import type { JWTPayload } from "jose";
import { Scope } from "../../contract/access.js";
import { LabError } from "../lab-error.js";
import type { Actor, Grant } from "./actor.js";
import { grantsOf } from "./scopes.js";

/** A configured issuer of tokens: Clerk, Auth0, or one's own. */
export interface JwtIssuer {
  readonly issuer: string;
  readonly audience?: string | readonly string[] | undefined;
  /** Where its public keys are. */
  readonly jwksUrl: string;
  /** Which claims say what a token may do. */
  readonly claims?:
    | {
        /** A list, or words in one text. Default `scope`. */
        readonly scopes?: string | undefined;
        /** The lab, by id or slug, to which scopes without a lab are limited. */
        readonly lab?: string | undefined;
        /** What histories call whoever has the token. Default `sub`. */
        readonly name?: string | undefined;
      }
    | undefined;
  /** Of tokens that name none themselves. */
  readonly scopes?: readonly string[] | undefined;
}

export type VerifyJwt = (token: string) => Promise<Actor | null>;

/** No shared secrets: the lab can check a token and never make one. */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const clockToleranceSeconds = 5;
const fetchTimeoutMs = 5_000;
/** Keys the issuer does not have are asked for this often at most. */
const cooldownMs = 30_000;
const keysKeptMs = 10 * 60_000;

export const looksLikeJwt = (token: string): boolean => /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(token);

interface JwtParts {
  readonly issuer: JwtIssuer;
  readonly now: () => number;
  /** Document id of a lab by its id or slug. */
  readonly labIdOf: (ref: string) => Promise<string>;
}

/** Checks tokens of the issuer. What is needed for that is loaded with the first one. */
export function createJwtVerifier({ issuer, now, labIdOf }: JwtParts): VerifyJwt {
  let loaded: Promise<(token: string) => Promise<JWTPayload | null>> | undefined;
  const load = async () => {
    const { createRemoteJWKSet, errors, jwtVerify } = await import("jose");
    const keys = createRemoteJWKSet(new URL(issuer.jwksUrl), {
      timeoutDuration: fetchTimeoutMs,
      cooldownDuration: cooldownMs,
      cacheMaxAge: keysKeptMs,
    });
    const isRefused = (error: unknown) =>
      error instanceof errors.JOSEError &&
      !(error instanceof errors.JWKSTimeout) &&
      error.constructor !== errors.JOSEError;
    return async (token: string) => {
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer: issuer.issuer,
          ...(issuer.audience === undefined ? {} : { audience: [issuer.audience].flat() }),
          algorithms,
          clockTolerance: clockToleranceSeconds,
          currentDate: new Date(now()),
          requiredClaims: ["exp", "sub"],
        });
        return payload;
      } catch (error) {
        if (isRefused(error)) return null;
        throw new LabError("server_error", "Authorization: the issuer's keys can't be fetched now; try again later", {
          cause: error,
        });
      }
    };
  };
  return async (token) => {
    const verify = await (loaded ??= load());
    const payload = await verify(token);
    return payload === null ? null : toActor(payload, issuer, labIdOf);
  };
}

async function toActor(payload: JWTPayload, issuer: JwtIssuer, labIdOf: JwtParts["labIdOf"]): Promise<Actor> {
  const { claims, scopes = [] } = issuer;
  const { sub = "", exp = 0 } = payload;
  const named = payload[claims?.name ?? "sub"];
  const name = typeof named === "string" ? named : sub;
  return {
    kind: "jwt",
    id: `jwt:${sub}`,
    name: `user ${name.slice(0, 100)}`,
    grants: await grantsIn(scopesIn(payload[claims?.scopes ?? "scope"]) ?? scopes, payload, { issuer, labIdOf }),
    plan: "team",
    expiresAt: exp * 1000,
  };
}

async function grantsIn(
  scopes: readonly string[],
  payload: JWTPayload,
  { issuer: { claims }, labIdOf }: Pick<JwtParts, "issuer" | "labIdOf">,
): Promise<readonly Grant[]> {
  const lab = claims?.lab === undefined ? null : payload[claims.lab];
  // A lab claim that is asked for and missing gives nothing, rather than everything.
  const labId = lab === null ? null : typeof lab === "string" ? await labIdOf(lab).catch(() => undefined) : undefined;
  if (labId === undefined) return [];
  // Issuers have scopes of their own: what is none of ours, or of a lab that is not there, gives nothing.
  const known = scopes.filter((scope) => Scope.safeParse(scope).success);
  const grants = known.map((scope) => grantsOf([scope], { labId, idOf: labIdOf }).catch(() => []));
  return (await Promise.all(grants)).flat();
}

function scopesIn(claim: unknown): readonly string[] | undefined {
  if (typeof claim === "string") return claim.split(/\s+/).filter((scope) => scope !== "");
  if (Array.isArray(claim)) return claim.filter((scope) => typeof scope === "string");
  return undefined;
}
