import { z } from "zod";
import { created, noContent, ok, Refusal } from "../answer.js";
import { rfc3339 } from "../pod-wire.js";
import type { Route } from "../route.js";
import { validated } from "../validation.js";

const sshKey = /^(ssh|ecdsa|sk)-[^\s]+ [^\s]+([ \t][^\n\r]*)?$/;
const SshKeys = z.strictObject({ keys: z.array(z.string().regex(sshKey, "is not an SSH public key")) });
const NewSecret = z.strictObject({ name: z.string().min(1), value: z.string(), description: z.string().optional() });

/** PUT replaces the whole list, so that a client has to read and merge first. Values of secrets are never given back. */
export const accountRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/v2/account/ssh-keys",
    area: "account",
    answer: ({ world }) => ok({ keys: world.account.sshKeys }),
  },
  {
    method: "PUT",
    path: "/v2/account/ssh-keys",
    area: "account",
    answer: ({ world, body }) => {
      world.account.sshKeys = validated(SshKeys, body).keys;
      return ok({ keys: world.account.sshKeys });
    },
  },
  {
    method: "GET",
    path: "/v2/account/secrets",
    area: "account",
    answer: ({ world }) => ok({ secrets: [...world.secrets.values()].map(secretToWire) }),
  },
  {
    method: "POST",
    path: "/v2/account/secrets",
    area: "account",
    answer: ({ world, body }) => {
      const { name } = validated(NewSecret, body);
      if ([...world.secrets.values()].some((secret) => secret.name === name)) {
        throw new Refusal(409, `a secret named ${name} exists already`);
      }
      const secret = { id: world.newId(), name, createdAt: world.now() };
      world.secrets.set(secret.id, secret);
      return created(secretToWire(secret));
    },
  },
  {
    method: "DELETE",
    path: "/v2/account/secrets/:id",
    area: "account",
    answer: ({ world, params }) => {
      if (!world.secrets.delete(params["id"] ?? "")) throw new Refusal(404, "secret not found");
      return noContent;
    },
  },
];

const secretToWire = (secret: { id: string; name: string; createdAt: number }) => ({
  id: secret.id,
  name: secret.name,
  createdAt: rfc3339(secret.createdAt),
});
