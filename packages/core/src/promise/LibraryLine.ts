/**
 * One connection of a library's terminal 图书馆终端连线, in SIP2 (R17, R18): bytes are cut into messages, each is answered once, and
 * what was answered last is sent again when the terminal asks for it.
 *
 * The login is answered with yes: it stands on the line as anybody can read it, so the host trusts the line itself, or
 * does not connect it (D24). Messages are answered one after the other, in the order in which they arrived.
 */
import { Effect, Result } from "effect"
import * as Lending from "../flows/Lending.ts"
import * as Submit from "../flows/Submit.ts"
import { CommandId } from "../Id.ts"
import * as Sip2 from "../Sip2.ts"
import * as Frame from "../Sip2Frame.ts"
import { supported } from "../Sip2Session.ts"
import type { Host } from "./Host.ts"

/** Answers what arrives on this line. */
export const connect = (
  host: Host,
  terminal: Lending.Terminal
): { readonly receive: (bytes: Uint8Array) => Promise<Uint8Array> } => {
  let rest = new Uint8Array()
  let last: Frame.Turn | undefined
  let count = 0
  let before: Promise<unknown> = Promise.resolve()

  const answer = async (request: Uint8Array): Promise<Uint8Array> => {
    const frame = Frame.read(request, Frame.utf8)
    if (Result.isFailure(frame)) return Frame.answer(frame.failure) ?? nothing
    const repeated = Frame.repeated(last, { request, frame: frame.success })
    if (repeated !== undefined) return repeated
    const packet = Sip2.parse(request)
    if (Result.isFailure(packet)) return Frame.answer(packet.failure) ?? nothing
    const { detection, message } = packet.success
    // With the time in it, so that a connection that bears an old name is not given old answers.
    const id = CommandId.make(`${terminal.id}:${host.now}:${++count}`)
    const told = await host.run(() => reply(message, { ...terminal, id }))
    if (told === undefined) return nothing
    // What stands in a reply was looked at before, when the terminal asked or the line was connected.
    const response = Result.getOrThrow(Sip2.format({ detection, message: told }))
    last = { request, response }
    return response
  }

  const receive = async (bytes: Uint8Array): Promise<Uint8Array> => {
    const cut = Frame.split(Uint8Array.of(...rest, ...bytes))
    if (Result.isFailure(cut)) {
      rest = new Uint8Array()
      return Frame.answer(cut.failure) ?? nothing
    }
    rest = Uint8Array.from(cut.success.rest)
    const responses: Array<number> = []
    for (const message of cut.success.messages) responses.push(...await answer(message))
    return Uint8Array.from(responses)
  }

  return {
    receive: (bytes) => {
      const received = before.then(() => receive(bytes))
      // One message that failed holds up none of those after it.
      before = received.catch(() => undefined)
      return received
    }
  }
}

const nothing = new Uint8Array()

/** What is said to a message; nothing to one that a terminal has no reason to send. */
const reply = (message: Sip2.Message, terminal: Lending.Terminal) => {
  switch (message._tag) {
    case "PatronStatusRequest":
    case "PatronInformation":
      return Lending.answer(message, terminal)
    case "Login":
      return Effect.succeed<Sip2.Message>({ _tag: "LoginResponse", ok: true })
    case "ScStatus":
      return Effect.map(Submit.arrival, (clock): Sip2.Message => ({
        _tag: "AcsStatus",
        online: true,
        checkin: false,
        checkout: false,
        renewal: false,
        statusUpdate: false,
        offline: false,
        timeout: 100,
        retries: 3,
        clock,
        version: "2.00",
        institution: terminal.institution,
        abilities: supported,
        screen: [],
        print: []
      }))
    default:
      return Effect.void
  }
}
