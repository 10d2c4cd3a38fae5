/**
 * Readers by their USB numbers 已知读卡器: what stands on the box, for a number that says nothing.
 *
 * A short list of readers that campuses use. Sources: supported_readers.txt of acsccid for ACS, Info.plist of libccid
 * 1.5.2 for the rest. A reader that is not listed works as well where a driver lists it.
 */
import type { UsbDevice } from "./Machine.ts"

/** Vendor and product in lower-case hex, and the model. */
export const models: Readonly<Record<string, string>> = {
  "072f:2200": "ACS ACR122U",
  "072f:2206": "ACS ACR1222L",
  "072f:221a": "ACS ACR1251U",
  "072f:2224": "ACS ACR1281U-C1",
  "072f:222e": "ACS ACR123U",
  "072f:223b": "ACS ACR1252U",
  "072f:223e": "ACS ACR1252U",
  "072f:223f": "ACS ACR1255U-J1",
  "072f:2303": "ACS ACR1552U",
  "072f:2301": "ACS ACR1581U",
  "072f:90cc": "ACS ACR38U",
  "072f:b100": "ACS ACR39U",
  "04e6:5116": "SCM SCR3310",
  "04e6:5293": "SCM SCL01x",
  "04e6:5591": "SCM SCL3711",
  "04e6:5612": "Identiv uTrust 3720",
  "04e6:5724": "Identiv uTrust 4701 F",
  "04e6:5790": "Identiv uTrust 3700 F",
  "04e6:5791": "Identiv uTrust 3701 F",
  "076b:3031": "HID OMNIKEY 3x21",
  "076b:5022": "HID OMNIKEY 5022",
  "076b:502a": "HID OMNIKEY 5025-CL",
  "076b:5321": "HID OMNIKEY 5321",
  "076b:5422": "HID OMNIKEY 5422",
  "076b:5427": "HID OMNIKEY 5427 CK",
  "096e:0608": "Feitian 502-CL",
  "096e:060d": "Feitian R502",
  "096e:0622": "Feitian VR504",
  "096e:062e": "Feitian R701"
}

/**
 * Modules of the kernel that take a reader before pcscd can, and which ones. Source: the tables in Linux drivers/nfc.
 */
export const takenBy: Readonly<Record<string, ReadonlyArray<string>>> = {
  pn533_usb: ["04cc:2533", "04e6:5591", "054c:02e1", "072f:2200"],
  port100: ["054c:06c1", "054c:06c3"]
}

/** Which modules must go for this one to go: whoever uses it first. */
export const chains: Readonly<Record<string, ReadonlyArray<string>>> = {
  pn533_usb: ["pn533_usb", "pn533", "nfc"],
  port100: ["port100", "nfc_digital", "nfc"]
}

const taken = new Set(Object.values(takenBy).flat())

/** Whether a device on USB is a reader: it says so by its class, or is known by its numbers. */
export const isReader = ({ id, isCcid }: Pick<UsbDevice, "id" | "isCcid">): boolean =>
  isCcid || Object.hasOwn(models, id) || taken.has(id)

/** The model and its numbers: "ACS ACR122U (072f:2200)". */
export const written = ({ id, name }: Pick<UsbDevice, "id" | "name">): string => {
  const model = Object.hasOwn(models, id) ? models[id] ?? name : name
  return model === "" ? id : `${model} (${id})`
}
