// Every entry point by `require`: Node 22.12 and later load ES modules so.
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
  if (Object.keys(require(specifier)).length === 0) throw new Error(`${specifier} exports nothing`)
}
