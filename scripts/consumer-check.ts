// Packs the packages, installs them into a throw-away project outside this one and uses them there as a stranger would: types under two
// TypeScripts, `import` and `require` at run time. The stranger's files are in scripts/consumer.
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { packages, root } from "./packages.ts"

const manifest: { readonly devDependencies: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(`${root}package.json`, "utf8")
)
/** The version that we ourselves use. */
const ours = (name: string): string => {
  const version = manifest.devDependencies[name]
  if (version === undefined) throw new Error(`${name} is not a devDependency of the root`)
  return version
}

// npm tells its scripts where their project is; an npm in another folder must not hear it.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) =>
    !/^npm_(config_(local_prefix|workspaces?)|package_|lifecycle_)/i.test(name)
  )
)

const run = (cwd: string, command: string, ...args: ReadonlyArray<string>): string => {
  const { error, status, stderr, stdout } = spawnSync(command, args, { cwd, env, encoding: "utf8" })
  if (error !== undefined) throw error
  if (status !== 0) {
    console.error(`${stdout}${stderr}\nconsumer-check: failed: ${command} ${args.join(" ")}`)
    process.exitCode = 1
    throw new Failed()
  }
  return stdout
}
class Failed extends Error {}

const consumer = mkdtempSync(join(tmpdir(), "yikatong-consumer-"))
try {
  const tarballs = packages.map(({ name, path }) => {
    const [packed]: ReadonlyArray<{ readonly filename: string }> = JSON.parse(
      run(path, "npm", "pack", "--json", "--ignore-scripts", "--pack-destination", consumer)
    )
    if (packed === undefined) throw new Error(`npm pack of ${name} gave nothing`)
    return [name, `file:./${packed.filename.replace("@", "").replace("/", "-")}`] as const
  })

  cpSync(`${root}scripts/consumer`, consumer, { recursive: true })
  writeFileSync(
    join(consumer, "package.json"),
    JSON.stringify(
      {
        name: "consumer",
        private: true,
        type: "module",
        dependencies: {
          ...Object.fromEntries(tarballs),
          ...Object.fromEntries(
            ["effect", "fast-check", "@electric-sql/pglite", "@types/node"].map((name) => [name, ours(name)])
          ),
          "typescript-5": "npm:typescript@5.9.3",
          "typescript-7": `npm:typescript@${ours("typescript")}`
        }
      },
      null,
      2
    )
  )
  const flags = [
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--prefer-offline",
    "--loglevel=error"
  ]
  run(consumer, "npm", "install", ...flags)

  for (const compiler of ["typescript-5", "typescript-7"]) {
    const tsc = join("node_modules", compiler, "bin", "tsc")
    const version = run(consumer, process.execPath, tsc, "--version").trim()
    run(consumer, process.execPath, tsc, "-p", ".")
    console.log(`consumer-check: types pass under TypeScript ${version.replace("Version ", "")}`)
  }
  for (const program of ["imports.mjs", "requires.cjs", "consumer.ts"]) {
    const said = run(consumer, process.execPath, program).trim()
    console.log(`consumer-check: ${program} runs on Node ${process.version}${said === "" ? "" : `: ${said}`}`)
  }
  // The command line, as npm has linked it: what it prints is a profile that it finds good.
  const yikatong = join("node_modules", ".bin", "yikatong")
  writeFileSync(join(consumer, "profile.json"), run(consumer, yikatong, "profile", "show", "csmzxy"))
  const [good = ""] = run(consumer, yikatong, "profile", "check", "profile.json").split("\n")
  console.log(`consumer-check: ${run(consumer, yikatong, "--version").trim()} says of the manual's school: ${good}`)
} catch (error) {
  if (!(error instanceof Failed)) throw error
} finally {
  rmSync(consumer, { recursive: true, force: true })
}
