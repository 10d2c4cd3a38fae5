/**
 * Certificates of nobody: made by openssl in a temporary folder, each time anew. Root → middle → leaf, and what
 * attackers would make.
 */
import { execFileSync } from "node:child_process"
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface Pair {
  readonly key: KeyObject
  readonly pem: string
  readonly certificate: X509Certificate
  /** Where they lie, for openssl. */
  readonly keyFile: string
  readonly pemFile: string
}

export interface Wanted {
  readonly subject: string
  /** Who issues it; nobody else if left out. */
  readonly issuer?: Pair
  readonly extensions: ReadonlyArray<string>
  /** Of another certificate, instead of a new one. */
  readonly key?: Pair
  readonly algorithm?: ReadonlyArray<string>
  /** By which its issuer signs; sha256 if left out. */
  readonly digest?: string
  readonly from?: string
  readonly to?: string
}

export const authority = [
  "basicConstraints=critical,CA:TRUE",
  "keyUsage=critical,keyCertSign,cRLSign",
  "subjectKeyIdentifier=hash"
]
export const endEntity = ["basicConstraints=CA:FALSE", "keyUsage=critical,digitalSignature"]

const configuration = `
[ca]
default_ca = one
[one]
database = index.txt
new_certs_dir = new
serial = serial
default_md = sha256
policy = any
unique_subject = no
preserve = yes
[any]
organizationName = optional
commonName = optional
[req]
distinguished_name = nothing
[nothing]
`

export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), "certificates-"))
  #made = 0

  constructor() {
    mkdirSync(join(this.folder, "new"))
    writeFileSync(join(this.folder, "index.txt"), "")
    writeFileSync(join(this.folder, "serial"), "7F00000000000001\n")
    writeFileSync(join(this.folder, "ca.cnf"), configuration)
  }

  openssl(...command: ReadonlyArray<string>): Buffer {
    return execFileSync("openssl", command, { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] })
  }

  make(
    { algorithm, digest, extensions, from = "20200101000000Z", issuer, key, subject, to = "20400101000000Z" }: Wanted
  ): Pair {
    const name = `c${++this.#made}`
    const [keyFile, pemFile] = [key?.keyFile ?? join(this.folder, `${name}.key`), join(this.folder, `${name}.pem`)]
    const config = ["-config", "ca.cnf"]
    if (key === undefined) {
      const kind = algorithm ?? ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
      this.openssl("genpkey", ...kind, "-out", keyFile)
    }
    this.openssl("req", "-new", ...config, "-utf8", "-key", keyFile, "-subj", subject, "-out", `${name}.csr`)
    writeFileSync(join(this.folder, `${name}.ext`), extensions.join("\n"))
    const by = issuer === undefined
      ? ["-selfsign", "-keyfile", keyFile]
      : ["-cert", issuer.pemFile, "-keyfile", issuer.keyFile]
    const dates = ["-startdate", from, "-enddate", to, ...(digest === undefined ? [] : ["-md", digest])]
    const files = ["-in", `${name}.csr`, "-out", pemFile, "-extfile", `${name}.ext`]
    this.openssl("ca", "-batch", ...config, "-utf8", "-notext", ...by, ...dates, ...files)
    const pem = readFileSync(pemFile, "utf8")
    return {
      key: createPrivateKey(readFileSync(keyFile)),
      pem,
      certificate: new X509Certificate(pem),
      keyFile,
      pemFile
    }
  }

  /** Whether openssl itself finds a chain from a certificate to the root at a time. */
  verifies(leaf: Pair, middles: ReadonlyArray<Pair>, root: Pair, at: number): boolean {
    const time = ["-attime", String(Math.floor(at / 1_000))]
    const untrusted = middles.flatMap(({ pemFile }) => ["-untrusted", pemFile])
    try {
      this.openssl("verify", ...time, "-CAfile", root.pemFile, ...untrusted, leaf.pemFile)
      return true
    } catch {
      return false
    }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
