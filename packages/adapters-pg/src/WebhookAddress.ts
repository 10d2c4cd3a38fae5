/**
 * Where a webhook may go 地址: to an address of the public Internet, and nowhere else. Whoever may name an endpoint could
 * otherwise have the campus's server knock at its own database, its neighbours or the cloud's metadata.
 *
 * The name is looked up for each connection, and the addresses that come are the ones that are connected to: a
 * name that leads elsewhere a moment later (DNS rebinding) finds nothing between the look and the connection. One bad address
 * among good ones refuses all. After the IANA special-purpose registries of IPv4 and IPv6 (RFC 6890 and its successors).
 */
import { lookup } from "node:dns/promises"
import { BlockList, isIP, type LookupFunction } from "node:net"

const special4: ReadonlyArray<readonly [network: string, prefix: number]> = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  // Carrier-grade NAT.
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Link-local; also the metadata of clouds.
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  // Multicast, and all that is reserved, broadcast among it.
  ["224.0.0.0", 4],
  ["240.0.0.0", 4]
]
/** Of IPv6 only what is handed out to the world, and of that none that leads to another address or is for documents. */
const global6: readonly [string, number] = ["2000::", 3]
const special6: ReadonlyArray<readonly [network: string, prefix: number]> = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20]
]

const blocked = new BlockList()
const world = new BlockList()
const own = new BlockList()
for (const [network, prefix] of special4) blocked.addSubnet(network, prefix, "ipv4")
for (const [network, prefix] of special6) blocked.addSubnet(network, prefix, "ipv6")
world.addSubnet(...global6, "ipv6")
own.addSubnet("127.0.0.0", 8, "ipv4")
own.addAddress("::1", "ipv6")

/**
 * Whether an address is one of the public Internet. What is no address at all is not.
 */
export const isPublic = (address: string): boolean => {
  if (address.includes("%")) return false
  switch (isIP(address)) {
    case 4:
      return !blocked.check(address, "ipv4")
    case 6:
      return world.check(address, "ipv6") && !blocked.check(address, "ipv6")
    default:
      return false
  }
}

/** Whether it is this machine's own. IPv4 in the clothes of IPv6 is not taken for it. */
export const isLoopback = (address: string): boolean => {
  const family = isIP(address)
  return family === 4 ? own.check(address, "ipv4") : family === 6 && !/\./.test(address) && own.check(address, "ipv6")
}

/** Which addresses may be connected to, and how names are looked up. */
export interface Rule {
  readonly allows: (address: string) => boolean
  readonly resolve: (name: string) => Promise<ReadonlyArray<{ readonly address: string; readonly family: number }>>
}

const resolve: Rule["resolve"] = (name) => lookup(name, { all: true, verbatim: true })

/** The only rule outside of tests. */
export const onlyPublic: Rule = { allows: isPublic, resolve }
/** For a receiver on the developer's own machine: it reaches that machine and nothing else, so no production can run on it. */
export const onlyLoopback: Rule = { allows: isLoopback, resolve }

/** The rule of an endpoint. */
export const ruleOf = ({ loopback }: { readonly loopback: boolean }): Rule => loopback ? onlyLoopback : onlyPublic

export class AddressRefused extends Error {
  readonly code = "AddressRefused"
}

/** Whether a host of a URL, where it is an address and so will not be looked up, may be connected to. */
export const isRefusedLiteral = ({ allows }: Rule, hostname: string): boolean => {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1")
  return isIP(bare) !== 0 && !allows(bare)
}

/** Node's hook at the moment of connecting: it gets addresses that are allowed, or an error. */
export const guarded = ({ allows, resolve }: Rule): LookupFunction => (name, options, done) => {
  resolve(name).then(
    (all) => {
      const refused = all.length === 0 || all.some(({ address }) => !allows(address))
      const [first] = all
      if (refused || first === undefined) return done(new AddressRefused("the name leads to a refused address"), "", 0)
      return options.all === true ? done(null, [...all]) : done(null, first.address, first.family)
    },
    (error: NodeJS.ErrnoException) => done(error, "", 0)
  )
}
