/**
 * A campus that is watched: metrics and spans of a store go to an OpenTelemetry collector, by Effect's own exporter. The
 * collector here is a few lines in this process that print the names of what arrives; yours is a server of its own.
 *
 * Run it here with `npx node --conditions=yikatong-source examples/observe.ts`, or in a project of yours with Node 22.18 or
 * newer; what it prints stands in observe.ts.out.
 */
import * as Embedded from "@yikatong/adapters-pg/embedded"
import * as Core from "@yikatong/core"
import { Clerk, SimulatedChannel } from "@yikatong/core/testing"
import { Effect, Layer, Redacted, Result } from "effect"
import { FetchHttpClient } from "effect/http"
import { Otlp, OtlpExporter, type OtlpMetrics, type OtlpTracer } from "effect/observability"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

// The collector: what came in, by the path it came to.
const metrics: Array<OtlpMetrics.MetricsData> = []
const traces: Array<OtlpTracer.TraceData> = []
const collector = createServer((request, response) => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
    const data = JSON.parse(Buffer.concat(chunks).toString())
    if (request.url === "/v1/metrics") metrics.push(data)
    if (request.url === "/v1/traces") traces.push(data)
    response.end("{}")
  })
})
await new Promise<void>((ready) => collector.listen(0, "127.0.0.1", ready))
const { port } = collector.address() as AddressInfo

const noon = Core.CivilTime.instant("2026-03-02 12:00")
const weChat = SimulatedChannel.make("todayCampus")

const telemetry = Otlp.layerJson({
  baseUrl: `http://127.0.0.1:${port}`,
  resource: { serviceName: "campus" },
  // Unless told otherwise it sends every few seconds; here all is sent at the end.
  metricsExportInterval: "1 hour",
  tracerExportInterval: "1 hour"
}).pipe(Layer.provide(FetchHttpClient.layer))

// Beneath the campus, not beside it: a store writes its batches in the background, under what it was built with.
const campus = Layer.merge(Embedded.layer(), Core.RechargeChannel.RechargeChannels.layer([weChat.channel])).pipe(
  Layer.provideMerge(telemetry)
)

const account = Core.Id.AccountId.make("account-1")
const yuan = (text: string) => Core.Money.amount(Core.Money.yuan(text))
let commands = 0
const stated = <Body extends Core.Command.Command>(point: string, body: Body): Core.Submit.Statement<Body> => ({
  caller: Core.Id.CallerId.make("example"),
  id: Core.Id.CommandId.make(`example-${++commands}`),
  at: noon,
  point: Core.Id.PointId.make(point),
  subject: { _tag: "Account", account },
  body,
  ...Clerk.at(Core.Csmzxy.csmzxy, point, body)
})

const student: Core.Person.Person = {
  id: Core.Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李华"),
  document: Result.getOrThrow(Core.IdentityDocument.parse("residentId", "43010219990101125X"))
}

const program = Effect.gen(function*() {
  const opening = { _tag: "OpenAccount", person: student.id, kind: student.kind, class: "regular" } as const
  yield* Core.Opening.open(stated("card-centre", opening), student)
  const card = Core.Id.CardId.make("card-1")
  yield* Core.Submit.submit(stated("window-ccb", { _tag: "IssueCard", card }))
  yield* Core.Submit.submit(stated("window-3", { _tag: "ActivateCard", card }))
  const recharge = { channel: "todayCampus", source: "weChat", holder: "own", amount: yuan("50.00") } as const
  const placed = yield* Core.Recharging.place(stated("today-campus", { _tag: "PlaceRecharge", ...recharge }))
  if (placed._tag === "Refused") return yield* Effect.die(placed.answer)
  weChat.pay(placed.order.id, recharge.amount, noon)
  yield* Core.Recharging.confirm(placed.order, Core.Id.PointId.make("card-centre"))

  // Nine callers at once, each in a span of its own, as a host has one for each request. Five stay within the meal limit.
  yield* Effect.forEach(
    Array.from({ length: 9 }, () =>
      stated(
        "canteen-1",
        {
          _tag: "PayByCode",
          medium: "todayCampusCode",
          amount: yuan("6.00"),
          link: "up"
        } as const
      )),
    (payment) => Effect.withSpan(Core.Submit.submit(payment), "POST /payments"),
    { concurrency: "unbounded" }
  )
  yield* Effect.flatMap(OtlpExporter.Flusher, ({ flush }) => flush)
})

await program.pipe(Core.HostClock.provide(() => noon), Effect.provide(campus), Effect.runPromise)
collector.close()

console.log("metrics of the store:")
const arrived = metrics[0]?.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics).flatMap((s) => s.metrics) ??
  []
for (const { gauge, histogram, name, sum, unit } of arrived.toSorted((one, other) => one.name < other.name ? -1 : 1)) {
  if (!name.startsWith("yikatong.")) continue
  console.log(`  ${name} [${unit}] ${histogram ? "histogram" : gauge ? "gauge" : "counter"}`)
  for (const { asDouble, attributes } of sum?.dataPoints ?? []) {
    const told = attributes.filter(({ key }) => key !== "schema" && key !== "unit")
    console.log(`    ${told.map(({ key, value }) => `${key}=${value.stringValue}`).join(" ")}: ${asDouble}`)
  }
}

const spans = traces.flatMap(({ resourceSpans }) => resourceSpans).flatMap(({ scopeSpans }) => scopeSpans)
  .flatMap((scope) => scope.spans)
console.log("spans:")
for (const name of [...new Set(spans.map((span) => span.name))].sort()) {
  if (!name.startsWith("Migrat")) console.log(`  ${name}`)
}

const requests = new Set(spans.filter(({ name }) => name === "POST /payments").map(({ traceId }) => traceId))
const batches = spans.filter(({ name }) => name === "PgAccountStore.batch")
const reached = new Set(batches.flatMap(({ links }) => links.map(({ traceId }) => traceId)))
console.log(
  `${[...requests].filter((trace) => reached.has(trace)).length} of ${requests.size} requests lead to their batch`
)
