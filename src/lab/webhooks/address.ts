import { BlockList, isIP } from "node:net";

/** Networks that are not the internet: RFC 6890's special ones, and those that a cloud answers its own machines on. */
const v4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;

const v6 = [
  // Unspecified, loopback, and IPv4 addresses in their first spelling.
  ["::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  // Protocols: Teredo carries an IPv4 address as well.
  ["2001::", 23],
  ["2001:db8::", 32],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const;

const special = new BlockList();
for (const [net, prefix] of v4) special.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of v6) special.addSubnet(net, prefix, "ipv6");

/** IPv4 inside IPv6: mapped, translated (64:ff9b::/96), and 6to4. */
const embedded = [/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i, /^64:ff9b::(\d+\.\d+\.\d+\.\d+)$/i];

/** Whether an IP address is one of the public internet. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  const [bare = ""] = address.split("%");
  const family = isIP(bare);
  if (family === 0) return false;
  if (family === 4) return !special.check(bare, "ipv4");
  const inner = embedded.map((form) => form.exec(bare)?.[1]).find((found) => found !== undefined);
  if (inner !== undefined) return isPublicAddress(inner);
  // Other spellings of an embedded address, and 6to4: nobody runs a webhook there.
  if (/^(::ffff:|64:ff9b:|2002:)/i.test(bare)) return false;
  return !special.check(bare, "ipv6");
}
