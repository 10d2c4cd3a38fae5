/**
 * Where the gateway 银联全渠道网关 stands, and how long it is asked.
 *
 * Source: open.unionpay.com, 全渠道接入; the advice of UnionPay's own examples.
 */

/** The addresses of one environment. */
export interface Gateway {
  /** Where the payer's browser is sent with a form. */
  readonly front: string
  /** Requests of ours: QR orders, refunds, voids. */
  readonly back: string
  readonly query: string
  readonly file: string
}

const gateway = (host: string, files: string): Gateway => ({
  front: `https://${host}/gateway/api/frontTransReq.do`,
  back: `https://${host}/gateway/api/backTransReq.do`,
  query: `https://${host}/gateway/api/queryTrans.do`,
  file: `https://${files}/`
})

export const production = gateway("gateway.95516.com", "filedownload.95516.com")
export const test = gateway("gateway.test.95516.com", "filedownload.test.95516.com")

/**
 * When a payment in the browser is asked for, in seconds after the order. Until its time to pay has passed, "failed"
 * and "not found" may still change.
 */
export const frontQueries: ReadonlyArray<number> = [300, 600, 1_800, 3_600, 7_200]

/** When a request of ours is asked for, in seconds after it, while it is not known; after that the file decides. */
export const backQueries: ReadonlyArray<number> = [1, 2, 4, 8, 16, 32]

/** How long UnionPay waits for the answer to a notification, in seconds, and when it sends again, in minutes. */
export const notification = { wait: 10, again: [1, 2, 4, 5] } as const
