import type { JWTPayload } from "jose";
import { Scope } from "../../contract/access.js";
import { LabError } from "../lab-error.js";
import type { Actor } from "./actor.js";
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
          ...(issuer.audience === undefined ? {} : { audience: [issuer.audience].flat() as string[] }),
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

async function toActor(
  payload: JWTPayload,
  { claims, scopes }: JwtIssuer,
  labIdOf: JwtParts["labIdOf"],
): Promise<Actor | null> {
  const { sub = "", exp = 0 } = payload;
  const name = payload[claims?.name ?? "sub"];
  const lab = claims?.lab === undefined ? null : payload[claims.lab];
  // A lab claim that is asked for and missing gives nothing, rather than everything.
  const labId = lab === null ? null : typeof lab === "string" ? await labIdOf(lab).catch(() => undefined) : undefined;
  const wanted = scopesIn(payload[claims?.scopes ?? "scope"]) ?? scopes ?? [];
  const grants = [];
  if (labId !== undefined) {
    for (const scope of wanted) {
      // Issuers have scopes of their own: what is none of ours, or of a lab that is not there, gives nothing.
      if (!Scope.safeParse(scope).success) continue;
      grants.push(...(await grantsOf([scope], { labId, idOf: labIdOf }).catch(() => [])));
    }
  }
  const shownName = typeof name === "string" ? name : sub;
  return {
    kind: "jwt",
    id: `jwt:${sub}`,
    name: `user ${shownName.slice(0, 100)}`,
    grants,
    plan: "team",
    expiresAt: exp * 1000,
  };
}

function scopesIn(claim: unknown): readonly string[] | undefined {
  if (typeof claim === "string") return claim.split(/\s+/).filter((scope) => scope !== "");
  if (Array.isArray(claim)) return claim.filter((scope) => typeof scope === "string");
  return undefined;
}
