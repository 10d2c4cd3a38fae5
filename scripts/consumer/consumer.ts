// What a stranger writes in TypeScript. To be extended with real use.
import * as Pg from "@yikatong/adapters-pg"
import * as Embedded from "@yikatong/adapters-pg/embedded"
import * as Core from "@yikatong/core"
import * as Promises from "@yikatong/core/promise"
import * as Testing from "@yikatong/core/testing"

const namespaces: Readonly<Record<string, object>> = { Core, Testing, Promises, Pg, Embedded }

for (const [name, namespace] of Object.entries(namespaces)) {
  if (Object.keys(namespace).length === 0) throw new Error(`${name} exports nothing`)
}
