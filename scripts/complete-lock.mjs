// Completes package-lock.json, so that `npm ci` works on every machine with every registry.
//
// 1. A registry may lack some platform packages (a binary for another system). `npm install` then drops them from the
//    lock silently and `npm ci` fails with "Missing: X from lock file". Every exact optionalDependency that has no entry
//    gets one here, its os, cpu and libc read from its name.
// 2. "resolved" says where this machine happened to find a package. Only the public registry's form may be published.
//
// `--check` writes nothing and fails when something would be written.
import { readFileSync, writeFileSync } from "node:fs"

const file = new URL("../package-lock.json", import.meta.url)
const publicRegistry = "https://registry.npmjs.org/"

const systems = {
  aix: "aix",
  android: "android",
  darwin: "darwin",
  macos: "darwin",
  freebsd: "freebsd",
  linux: "linux",
  netbsd: "netbsd",
  openbsd: "openbsd",
  openharmony: "openharmony",
  sunos: "sunos",
  win32: "win32",
  windows: "win32"
}
const processors = {
  arm: "arm",
  arm64: "arm64",
  aarch64: "arm64",
  armv7: "arm",
  ia32: "ia32",
  x86: "ia32",
  loong64: "loong64",
  mips64el: "mips64el",
  ppc64: "ppc64",
  ppc64le: "ppc64",
  riscv64: "riscv64",
  riscv64gc: "riscv64",
  s390x: "s390x",
  x64: "x64",
  x86_64: "x64"
}
const libraries = {
  gnu: "glibc",
  glibc: "glibc",
  gnueabihf: "glibc",
  musl: "musl",
  musleabihf: "musl"
}

const exact = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/

const platformOf = (name) => {
  const words = name.replace("@", "").replaceAll("x86_64", "x64").split(/[-_/.]/)
  // The last word that fits wins: the platform stands at the end of a name.
  const find = (table) => words.map((word) => table[word]).findLast((value) => value !== undefined)
  const os = find(systems)
  if (os === undefined) {
    throw new Error(
      `complete-lock: no operating system in the name of the optional package "${name}": add its word to the table`
    )
  }
  const cpu = find(processors)
  const libc = os === "linux" ? find(libraries) : undefined
  return { os: [os], ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }) }
}

const text = readFileSync(file, "utf8")
const lock = JSON.parse(text)
const added = []
const rewritten = []

/** npm's own look-up: the nearest node_modules on the way up. */
const isInstalled = (from, name) => {
  let folder = from
  for (;;) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (lock.packages[path] !== undefined) return true
    if (folder === "") return false
    const parent = folder.lastIndexOf("/node_modules/")
    folder = parent === -1 ? "" : folder.slice(0, parent)
  }
}

for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!exact.test(version) || isInstalled(path, name)) continue
    lock.packages[`node_modules/${name}`] = {
      version,
      ...platformOf(name),
      ...(entry.dev && { dev: true }),
      optional: true
    }
    added.push(`${name}@${version}`)
  }
}

for (const [path, entry] of Object.entries(lock.packages)) {
  if (typeof entry.resolved !== "string" || entry.link === true || entry.resolved.startsWith(publicRegistry)) continue
  const name = entry.name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)
  const tarball = `${name}/-/${name.slice(name.lastIndexOf("/") + 1)}-${entry.version}.tgz`
  if (!entry.resolved.endsWith(`/${tarball}`)) {
    throw new Error(`complete-lock: "${path}" does not come from a registry: ${entry.resolved}`)
  }
  entry.resolved = publicRegistry + tarball
  rewritten.push(name)
}

lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
)
const completed = `${JSON.stringify(lock, null, 2)}\n`

if (process.argv.includes("--check")) {
  if (completed !== text) {
    console.error("complete-lock: package-lock.json is not complete: npm run lock")
    process.exit(1)
  }
} else {
  writeFileSync(file, completed)
  console.log(
    `complete-lock: ${added.length} platform packages added${added.length > 0 ? ` (${added.join(", ")})` : ""}, `
      + `${rewritten.length} addresses made neutral`
  )
}
