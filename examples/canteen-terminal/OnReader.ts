/** The terminal on a real reader: every card that comes is loaded and pays a fen, until Ctrl-C. */
import { CpuCard, Patience, PcscReader, ReaderEvent, SoftwareKeys } from "@yikatong/adapters-pcsc"
import { Money } from "@yikatong/core"
import { Effect, Schema, Stream } from "effect"
import { readFileSync } from "node:fs"
import * as Campus from "./Campus.ts"
import * as School from "./School.ts"
import * as Terminal from "./Terminal.ts"

/**
 * The keys in the file after `--keys`, or those of the virtual cards. It is `keys` alone of what `yikatong reader --cards`
 * takes, since here the setup of the cards is in `School.ts`.
 */
export const keyFile = (words: ReadonlyArray<string>): SoftwareKeys.KeyFile => {
  const at = words.indexOf("--keys")
  if (at < 0) return School.testKeys
  try {
    return Schema.decodeUnknownSync(SoftwareKeys.KeyFile)(JSON.parse(readFileSync(words[at + 1] ?? "", "utf8")))
  } catch {
    // What is wrong with it could repeat a key.
    console.error("密钥文件无法读取 / --keys names no file of keys that can be read")
    process.exit(2)
  }
}

export const serve = Effect.fn("serve")(function*() {
  const readers = yield* PcscReader.PcscReader
  const terminal = new Terminal.Terminal(School.options)
  yield* Effect.forkChild(
    Stream.runForEach(readers.events, (event) => Effect.sync(() => console.log(ReaderEvent.inWords(event))))
  )
  let enrolled: string | undefined
  for (let after = 0;;) {
    const card = yield* readers.insertion({ after })
    after = card.insertion
    yield* readers.use(card.reader, (channel) =>
      Effect.gen(function*() {
        const patient = Patience.withPatience(channel, "2 seconds")
        const { card: id } = yield* CpuCard.open(patient, School.options)
        if (enrolled === undefined) {
          yield* Campus.enrol(id)
          yield* Campus.recharge("10.00")
          enrolled = id
        }
        yield* terminal.load(patient)
        yield* terminal.pay(patient, Money.amount(1))
      })).pipe(Effect.catch((failure) => Effect.sync(() => console.log(`  ${Terminal.inWords(failure).join(" / ")}`))))
  }
})
