/** How often each thing happens at least in a thousand lives of two hundred commands. */
export const enough: Readonly<Record<string, number>> = {}
