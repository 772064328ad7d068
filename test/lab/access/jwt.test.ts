import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, onTestFinished, test } from "vitest";
import { openAccess } from "./access-fixture.js";

type Claims = Readonly<Record<string, unknown>>;

interface Signing {
  readonly key?: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];
  readonly alg?: string;
  /** Seconds; null: it names no end. */
  readonly exp?: number | null;
  readonly iss?: string;
}

/** An issuer of tokens on this machine. */
async function openIssuer() {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256", use: "sig" };
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => void server.close());
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  const issuer = "https://issuer.example";
  const sign = (claims: Claims = {}, { key = privateKey, alg = "ES256", exp = 2000, iss = issuer }: Signing = {}) => {
    const token = new SignJWT({ scope: "openid experiments:read", aud: "lab", ...claims })
      .setProtectedHeader({ alg, kid: "k1" })
      .setIssuer(iss)
      .setSubject("ada");
    return (exp === null ? token : token.setExpirationTime(exp)).sign(key);
  };
  return { issuer, jwksUrl, sign, asked: () => asked, close: () => server.close() };
}

const open = async (more: object = {}) => {
  const { asked, close, sign, ...addresses } = await openIssuer();
  // The clock of the lab stands at 1,000 s.
  const lab = await openAccess({ jwt: { ...addresses, audience: "lab", ...more } });
  const list = async (token: string) => (await lab.ask(token, "GET /v1/experiments?labId=dark-energy")).status;
  return { ...lab, asked, close, list, sign };
};

test("a token of the issuer does what its scopes say, until it expires", async () => {
  const { ask, asked, clock, data, list, sign } = await open();
  const token = await sign();
  expect(await list(token)).toBe(200);
  expect((await ask(token, "GET /v1/pods?labId=dark-energy")).status).toBe(403);
  expect(await data(token, "GET /v1/auth/me")).toMatchObject({
    kind: "jwt",
    id: "jwt:ada",
    name: "user ada",
    scopes: ["experiments:read"],
    expiresAt: 2_000_000,
  });
  expect(await list(await sign({ scope: ["lab:dark-energy:r"] }))).toBe(200);
  expect(asked()).toBe(1);
  clock.at = 2_000_000;
  expect(await list(token)).toBe(401);
});

test("anything else is nobody's", async () => {
  const { list, sign } = await open();
  const stranger = (await generateKeyPair("ES256")).privateKey;
  const bad = [
    await sign({}, { key: stranger }),
    await sign({}, { exp: 900 }),
    await sign({}, { exp: null }),
    await sign({}, { iss: "https://other.example" }),
    await sign({ aud: "another" }),
    await sign({ nbf: 1500 }),
  ];
  for (const token of bad) expect(await list(token)).toBe(401);
  // Unsigned, and signed with a secret: what would check those is never tried.
  const [, payload = ""] = (await sign()).split(".");
  for (const alg of ["none", "HS256"]) {
    const header = Buffer.from(JSON.stringify({ alg, kid: "k1" })).toString("base64url");
    expect(await list(`${header}.${payload}.AAAA`)).toBe(401);
  }
});

test("a lab claim limits scopes to that lab; without the claim, or with one of no lab, they give nothing", async () => {
  const { data, list, sign } = await open({ claims: { lab: "org", scopes: "perms", name: "email" } });
  await data("owner", "POST /v1/labs", { body: { name: "Other" } });
  const perms = ["experiments:read"];
  expect(await list(await sign({ perms, org: "dark-energy", email: "ada@example.org" }))).toBe(200);
  expect(await list(await sign({ perms, org: "other" }))).toBe(404);
  expect(await list(await sign({ perms, org: "nowhere" }))).toBe(403);
  expect(await list(await sign({ perms }))).toBe(403);
  expect(await list(await sign({ org: "dark-energy" }))).toBe(403);
});

test("tokens that name no scopes have the configured ones", async () => {
  const { list, sign } = await open({ scopes: ["experiments:*"] });
  expect(await list(await sign({ scope: undefined }))).toBe(200);
});

test("an issuer that can't be reached is a fault told as one, and nothing of the token is", async () => {
  const { ask, close, sign } = await open();
  close();
  const token = await sign();
  const { status, body, text } = await ask(token, "GET /v1/labs");
  expect([status, body.error?.message]).toEqual([500, expect.stringMatching(/issuer's keys can't be fetched/)]);
  expect(text).not.toContain(token.slice(0, 20));
});
