/** The library has no declarations; only what the tests judge with. */
declare module "iso_8583" {
  export default class Iso8583 {
    constructor(message: Readonly<Record<number, string>>, formats?: Readonly<Record<number, object>>)
    getRawMessage(): Buffer | { readonly error: string }
    getIsoJSON(message: Buffer, options: { readonly lenHeader: boolean }): Record<string, string>
  }
}
