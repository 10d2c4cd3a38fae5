// Every entry point by `import`.
for (
  const specifier of [
    "@yikatong/core",
    "@yikatong/core/testing",
    "@yikatong/core/promise",
    "@yikatong/adapters-pg",
    "@yikatong/adapters-pg/embedded",
    "@yikatong/adapters-pcsc",
    "@yikatong/adapters-pcsc/node",
    "@yikatong/adapters-bank",
    "@yikatong/adapters-bank/sandbox"
  ]
) {
  if (Object.keys(await import(specifier)).length === 0) throw new Error(`${specifier} exports nothing`)
}
