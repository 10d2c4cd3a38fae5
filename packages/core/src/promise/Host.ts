/**
 * The host of a campus 主机: its backend, its profiles and its clock, under which every flow is run and becomes a promise.
 * It stays behind the door: no name of it is exported.
 */
import { Clock, Effect, Layer, ManagedRuntime, Result } from "effect"
import type * as Command from "../Command.ts"
import { type Fault, StoreUnavailable } from "../Fault.ts"
import type { Statement } from "../flows/Submit.ts"
import type { MalformedCommand, Misuse } from "../Misuse.ts"
import { type Ports, toChannel, toLayer } from "../ports/Backend.ts"
import { CodeIssuer } from "../ports/CodeIssuer.ts"
import * as HostClock from "../ports/HostClock.ts"
import { Profiles } from "../ports/Profiles.ts"
import { RechargeChannels } from "../ports/RechargeChannel.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import * as Input from "./Input.ts"
import { issuerOf } from "./Issuer.ts"
import { history, type Options } from "./Options.ts"

/** What a flow may ask for. */
export type Services = CodeIssuer | Ports | Profiles | RechargeChannels

export class Host {
  readonly #runtime: ManagedRuntime.ManagedRuntime<Services, unknown>
  readonly #profiles: SchoolProfile.History
  readonly #now: () => number
  #open = true

  private constructor(
    runtime: ManagedRuntime.ManagedRuntime<Services, unknown>,
    profiles: SchoolProfile.History,
    now: () => number
  ) {
    this.#runtime = runtime
    this.#profiles = profiles
    this.#now = now
  }

  /** Checks the profile and starts the backend. */
  static async open({ backend, channels = [], issuer, now, profile }: Options): Promise<Host> {
    const profiles = history(profile)
    const layer = Layer.mergeAll(
      toLayer(backend),
      Layer.succeed(CodeIssuer, issuerOf(issuer)),
      RechargeChannels.layer(channels.map(toChannel))
    ).pipe(Layer.provideMerge(Profiles.layer(profiles)))
    const runtime = ManagedRuntime.make(layer)
    await runtime.context()
    const machine = Effect.runSync(Clock.Clock)
    return new Host(runtime, profiles, now ?? (() => machine.currentTimeMillisUnsafe()))
  }

  /** The host's clock. */
  get now(): number {
    return this.#now()
  }

  /** The profile in force at a time of the host's clock. */
  profileAt(at: number): SchoolProfile.SchoolProfile {
    return SchoolProfile.inForce(this.#profiles, Input.instant(at))
  }

  /** A command, read from plain values. */
  read<const Body extends Input.Body>(
    stated: Input.Stated,
    subject: Input.Subject,
    body: Body
  ): Statement<Command.Of<Body["_tag"]>> {
    return Input.statement(stated, subject, body, this.#now())
  }

  /** Runs a flow under the host's clock; bad input rejects like any other misuse. */
  run<A, E extends Fault | Misuse>(flow: () => Effect.Effect<A, E, Services>): Promise<A> {
    if (!this.#open) {
      return Promise.reject(new StoreUnavailable({ operation: "ask", cause: new Error("This campus was closed") }))
    }
    const clocked = Effect.suspend((): Effect.Effect<A, E | MalformedCommand, Services> => {
      // Up to here only what came in was read.
      const read = Input.reading(flow)
      return Result.isSuccess(read) ? read.success : Effect.fail(read.failure)
    }).pipe(HostClock.provide(this.#now))
    return this.#runtime.runPromise(clocked)
  }

  /** Ends the backend's connections. */
  close(): Promise<void> {
    this.#open = false
    return this.#runtime.dispose()
  }
}
