// Another program that takes a card for itself, as gpg-agent does: a process with a client of its own and nothing of ours in it.
// `node rival.ts READER`: says "held" when it has the card alone; lets go of it, and ends, when its input ends.
import { CardDisposition, CardMode, Client, ReaderStatus } from "pcsc-mini"

const [, , wanted] = process.argv
const client = new Client()
client.on("reader", (reader) => {
  if (reader.name() !== wanted) return
  let hasAsked = false
  reader.on("change", async (status) => {
    if (hasAsked || !status.has(ReaderStatus.PRESENT)) return
    hasAsked = true
    const card = await reader.connect(CardMode.EXCLUSIVE)
    process.stdout.write("held\n")
    process.stdin.on("end", async () => {
      await card.disconnect(CardDisposition.LEAVE)
      client.stop()
      process.exit(0)
    }).resume()
  })
})
client.start()
