/**
 * The bills of the sandbox's WeChat Pay as they are fetched 账单下载: first their address and their sum, then the file, for five
 * minutes.
 */
import { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as WeChatAnswer from "../wechat/WeChatAnswer.ts"
import * as WeChatBillFile from "../wechat/WeChatBillFile.ts"
import * as WeChatClock from "../wechat/WeChatClock.ts"
import { WeChatLedgers } from "./WeChatLedgers.ts"
import { fails, type Said, wrong } from "./WeChatSaid.ts"
import { mchid } from "./WeChatTold.ts"
import type { Here } from "./Wire.ts"

const life = 5 * CivilTime.minute

export class WeChatFiles {
  readonly #ledgers = new WeChatLedgers()
  /** Those that may be fetched, by what stands in their address. */
  readonly #files = new Map<string, { readonly bytes: Uint8Array; readonly until: CivilTime.Instant }>()

  /** Where the bill of a day is, once it is made. */
  address(here: Here, url: URL): Said {
    const day = CivilTime.parseDay(url.searchParams.get("bill_date") ?? "")
    if (Result.isFailure(day)) return wrong("bill_date")
    if (here.now < WeChatClock.billFrom(day.success)) return fails(400, "STATEMENT_CREATING", "账单生成中")
    if (CivilTime.dayOf(here.now) > WeChatClock.billUntil(day.success)) return fails(400, "INVALID_REQUEST")
    const kind = url.searchParams.get("bill_type") ?? "ALL"
    const account = url.searchParams.get("account_type") ?? "BASIC"
    if (!["ALL", "SUCCESS", "REFUND"].includes(kind)) return wrong("bill_type")
    if (!["BASIC", "OPERATION", "FEES"].includes(account)) return wrong("account_type")
    const bytes = url.pathname.endsWith("/tradebill")
      ? this.#ledgers.trades(here.house, mchid, day.success, kind as "ALL", here.flaw)
      : this.#ledgers.movements(here.house, mchid, day.success, account as "BASIC")
    if (bytes === undefined) return fails(400, "NO_STATEMENT_EXIST", "账单文件不存在")
    const { sha1, zipped } = WeChatBillFile.pack(bytes)
    const token = here.name("B")
    const isZipped = url.searchParams.get("tar_type") === "GZIP"
    this.#files.set(token, { bytes: isZipped ? zipped : bytes, until: CivilTime.later(here.now, life) })
    const address = `${here.origin}/v3/billdownload/file?token=${token}`
    return { status: 200, body: WeChatAnswer.writeBillAddress({ url: address, sha1 }) }
  }

  fetch(here: Here, url: URL): Said {
    const file = this.#files.get(url.searchParams.get("token") ?? "")
    return file === undefined || here.now > file.until
      ? fails(400, "INVALID_REQUEST", "链接已失效")
      : { status: 200, body: file.bytes, unsigned: "application/octet-stream" }
  }
}
