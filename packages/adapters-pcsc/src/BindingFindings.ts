/**
 * What keeps the library between Node and the smart card service from being loaded 绑定问题.
 */
import * as Finding from "./Finding.ts"
import type { Machine } from "./Machine.ts"
import * as Remedy from "./Remedy.ts"
import { isLinux, isServiceMissing } from "./ServiceFindings.ts"

/**
 * The binding does not load: there is none for this platform, it was left out, it lacks its library, or it is damaged.
 */
export const binding = (machine: Machine): ReadonlyArray<Finding.Finding> => {
  const { binding, hasLibrary, system } = machine
  const { name } = binding
  switch (binding.state) {
    case "unsupported": {
      const here = `${system.platform} ${system.architecture}${system.libc === "none" ? "" : ` ${system.libc}`}`
      return [Finding.make(
        "BindingUnsupported",
        [`${name} 没有适用于 ${here} 的版本`, `${name} is not made for ${here}`],
        [
          "请换用 x64、arm64 或 ia32 的机器；或自行编译 smartcard 并以它实现 PcscBinding",
          "use a machine with x64, arm64 or ia32; or build smartcard and implement PcscBinding over it"
        ],
        isLinux(machine) ? Remedy.build(machine) : ["npm install smartcard"]
      )]
    }
    case "missing":
      return [Finding.make(
        "BindingMissing",
        [
          `缺少本平台的安装包 ${binding.needs ?? name}`,
          `the package for this platform is missing: ${binding.needs ?? name}`
        ],
        [
          "安装时漏掉了可选依赖，或 node_modules 来自另一种机器",
          "optional dependencies were left out, or node_modules came from another kind of machine"
        ],
        Remedy.binding(binding)
      )]
    case "broken":
      return [Finding.make(
        "BindingBroken",
        [`${name} 无法加载：${binding.detail}`, `${name} can not be loaded: ${binding.detail}`],
        ["请重新安装", "install it again"],
        ["npm ci", ...Remedy.binding(binding)]
      )]
    default: {
      const isMissing = binding.state === "withoutLibrary" || (binding.state !== "loads" && hasLibrary === false)
      if (!isLinux(machine) || !isMissing || isServiceMissing(machine)) return []
      return [Finding.make(
        "LibraryMissing",
        ["缺少 libpcsclite.so.1", "libpcsclite.so.1 is missing"],
        ["请安装 pcsc-lite 的库", "install the library of pcsc-lite"],
        Remedy.library(machine)
      )]
    }
  }
}
