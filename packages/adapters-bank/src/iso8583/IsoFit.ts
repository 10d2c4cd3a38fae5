/**
 * Whether a terminal's settings can carry its dialogue 终端参数自检, looked at when it is made: each message is written once, with
 * a card that nobody has and sealed under a key of zeros, so that a field which the profile lacks, or a name that does not fit,
 * is found before the first holder pays (`LinkUnfit`). The master key must not be a sandbox's (`SandboxMark`).
 */
import { CivilTime, Money } from "@yikatong/core"
import { Effect, Result } from "effect"
import * as BlockCipher from "../BlockCipher.ts"
import * as BlockMac from "../BlockMac.ts"
import * as LinkUnfit from "../LinkUnfit.ts"
import * as Pan from "../Pan.ts"
import * as SandboxMark from "../SandboxMark.ts"
import type { Framing } from "./IsoFrame.ts"
import type { Settings } from "./IsoLink.ts"
import * as IsoMac from "./IsoMac.ts"
import * as IsoMessage from "./IsoMessage.ts"
import type { IsoProfile } from "./IsoProfile.ts"
import * as IsoTransfer from "./IsoTransfer.ts"

const card = "6200000000000000000"

/** The fields of answers that no request of ours has. */
const answered = [
  { at: 37, what: "the host's reference" },
  { at: 39, what: "the response" },
  { at: 62, what: "the working keys" }
]

const keyProblems = ({ keys, mac, master }: Settings): ReadonlyArray<string> => {
  const { algorithm } = keys
  const isKey = (length: number) => (algorithm === "sm4" ? [16] : [8, 16, 24]).includes(length)
  if (!isKey(keys.pik) || !isKey(keys.mak)) return ["keys: a working key of a length that its cipher does not have"]
  return [
    ...(master.algorithm === algorithm ? [] : ["master: of another cipher than the working keys"]),
    ...(BlockCipher.length(master) < Math.max(keys.pik, keys.mak) ? ["master: shorter than the working keys"] : []),
    ...(BlockMac.fits(mac, BlockCipher.key(algorithm, new Uint8Array(keys.mak)))
      ? []
      : [`keys: no MAC ${mac} with such a MAK: another cipher or length`])
  ]
}

const framingProblems = ({ largest, tpdu }: Framing): ReadonlyArray<string> => [
  ...(tpdu.length === 5 ? [] : ["framing: a TPDU has five bytes"]),
  ...(largest > 0 && largest < 65_536 ? [] : ["framing: two bytes of length tell 1 to 65535 bytes"])
]

/** Writes one message of each kind. */
const messageProblems = (settings: Settings, profile: IsoProfile): ReadonlyArray<string> => {
  const { keysWanted, merchant, operator, terminal } = settings
  const sender = { terminal, merchant, batch: 1, number: 1 }
  const transfer = {
    _tag: "Transfer",
    ...sender,
    pan: Result.getOrThrow(Pan.parse(card)),
    amount: Money.amount(1),
    account: "account-1",
    entry: "012"
  } as const
  const reversal = IsoTransfer.reversal(transfer, "98", CivilTime.instant("2026-01-01 00:00"))
  // What is sealed and with which method is another question: the key of single DES fits this one always.
  const signing = { method: "ecb", key: BlockCipher.key("des", new Uint8Array(8)) } as const
  const written = [
    [
      "0800",
      IsoMessage.pack(IsoTransfer.write({ _tag: "SignIn", ...sender, operator, keys: keysWanted }), profile)
    ],
    ["0200", IsoMac.seal(IsoTransfer.write(transfer), profile, signing)],
    ["0400", IsoMac.seal(IsoTransfer.write(reversal), profile, signing)]
  ] as const
  const lacking = answered.filter(({ at }) => profile.fields[at] === undefined)
  return [
    ...written.flatMap(([type, bytes]) => Result.isFailure(bytes) ? [`${type}: ${bytes.failure.what}`] : []),
    ...lacking.map(({ at, what }) => `an answer: field ${at}: not in the profile (${what})`)
  ]
}

/** Fails where the settings do not fit. */
export const check = Effect.fnUntraced(function*(
  settings: Settings
): Effect.fn.Return<void, LinkUnfit.LinkUnfit | SandboxMark.SandboxKeys> {
  yield* LinkUnfit.refuse("ISO 8583", [
    ...keyProblems(settings),
    ...framingProblems(settings.framing),
    ...messageProblems(settings, settings.profile)
  ])
  const { isSandbox, master } = settings
  yield* Effect.fromResult(SandboxMark.refuseUntold("the host of ISO 8583", isSandbox, { master: master.secret }))
})
