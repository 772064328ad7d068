import { z } from "zod";
import { created, noContent, ok, Refusal } from "../answer.js";
import { dataCenterData } from "../catalog-data.js";
import type { Asked, Route } from "../route.js";
import { validated } from "../validation.js";
import { without } from "../without.js";
import type { NetworkVolume } from "../world.js";

const name = z.string().min(1);
const size = z.int().min(10).max(4096);
const CreateVolume = z.strictObject({
  name,
  size,
  dataCenter: z.string().min(1),
  type: z.enum(["STANDARD", "HIGH_PERFORMANCE"]).default("STANDARD"),
});
const UpdateVolume = z.strictObject({ name, size }).partial();

function volumeOf({ world, params }: Asked): NetworkVolume {
  const volume = world.volumes.get(params["id"] ?? "");
  if (volume === undefined) throw new Refusal(404, "network volume not found");
  return volume;
}

const volumeToWire = (volume: NetworkVolume) => without(volume, "createdAt");

function update(asked: Asked) {
  const volume = volumeOf(asked);
  const changes = validated(UpdateVolume, asked.body);
  if (changes.size !== undefined && changes.size < volume.size) {
    throw new Refusal(400, "a network volume can only grow");
  }
  volume.name = changes.name ?? volume.name;
  volume.size = changes.size ?? volume.size;
  return ok(volumeToWire(volume));
}

export const networkVolumeRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/v2/network-volumes",
    area: "network-volumes",
    answer: ({ world }) => ok({ networkVolumes: [...world.volumes.values()].map(volumeToWire) }),
  },
  {
    method: "POST",
    path: "/v2/network-volumes",
    area: "network-volumes",
    answer: ({ world, body }) => {
      const asked = validated(CreateVolume, body);
      const center = dataCenterData.find(({ id }) => id === asked.dataCenter);
      if (center?.networkVolumeTypes.includes(asked.type) !== true) {
        throw new Refusal(400, `${asked.dataCenter} has no network volumes of type ${asked.type}`);
      }
      const volume = { ...asked, id: world.newId(10), createdAt: world.now() };
      world.volumes.set(volume.id, volume);
      return created(volumeToWire(volume));
    },
  },
  {
    method: "GET",
    path: "/v2/network-volumes/:id",
    area: "network-volumes",
    answer: (asked) => ok(volumeToWire(volumeOf(asked))),
  },
  { method: "PATCH", path: "/v2/network-volumes/:id", area: "network-volumes", answer: update },
  {
    method: "DELETE",
    path: "/v2/network-volumes/:id",
    area: "network-volumes",
    answer: (asked) => {
      asked.world.volumes.delete(volumeOf(asked).id);
      return noContent;
    },
  },
];
