// The package brings no types of its own. Only what is used here.
declare module "des.js" {
  interface Options {
    readonly type: "encrypt" | "decrypt"
    readonly key: ArrayLike<number>
    /** Without PKCS padding: whole blocks in, whole blocks out. */
    readonly padding: false
  }
  interface Cipher {
    update(data: ArrayLike<number>): Array<number>
    final(): Array<number>
  }
  const des: {
    readonly DES: { readonly create: (options: Options) => Cipher }
    readonly EDE: { readonly create: (options: Options) => Cipher }
  }
  export default des
}
