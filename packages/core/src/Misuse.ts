/**
 * The caller contradicts itself 误用: a third kind of answer beside declines and faults (D18). Nothing has changed.
 *
 * A program has to be mended; asking again as it is will not help.
 */
import { Schema } from "effect"
import { Flaw, told } from "./Flaw.ts"
import { CallerId, CommandId, PersonId } from "./Id.ts"

/** The id was used before for a command with another body (I3). The first one and its answer stand. */
export class CommandIdReused extends Schema.TaggedError<CommandIdReused>()("CommandIdReused", {
  caller: CallerId,
  id: CommandId
}) {
  override get message() {
    return `Command ${this.id} was used before with another body; a new command needs an id of its own`
  }
}

/** What came from outside is not a command: each place and what was expected there, never the value itself. */
export class MalformedCommand extends Schema.TaggedError<MalformedCommand>()("MalformedCommand", {
  flaws: Schema.Array(Flaw)
}) {
  override get message() {
    return `Not a command: ${told(this.flaws)}`
  }
}

/** Another account has this handle already (D20). */
export class HandleTaken extends Schema.TaggedError<HandleTaken>()("HandleTaken", { kind: Schema.String }) {
  override get message() {
    return `Another account has this ${this.kind} already`
  }
}

/**
 * A person is stated otherwise than the command or the register has them (D13). `differs`: in which fields, never what
 * they hold. Who has really changed is enrolled anew first.
 */
export class PersonDiffers extends Schema.TaggedError<PersonDiffers>()("PersonDiffers", {
  person: PersonId,
  differs: Schema.Array(Schema.Literals(["id", "kind", "number", "name", "document"]))
}) {
  override get message() {
    return `Person ${this.person} is stated with another ${this.differs.join(", ")} than is known`
  }
}

export type Misuse = CommandIdReused | MalformedCommand | HandleTaken | PersonDiffers
