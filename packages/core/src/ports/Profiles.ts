/**
 * The school's profiles 学校配置, as the running system has them: all versions, from which the time of decision picks one
 * (D22, A25).
 */
import { Context, Layer } from "effect"
import type * as SchoolProfile from "../SchoolProfile.ts"

/** All versions of the school's profile. */
export class Profiles extends Context.Service<Profiles, SchoolProfile.History>()("@yikatong/core/ports/Profiles") {
  /** One profile or several versions, checked by `SchoolProfile.history`. */
  static readonly layer = (versions: SchoolProfile.History): Layer.Layer<Profiles> => Layer.succeed(Profiles, versions)
}
