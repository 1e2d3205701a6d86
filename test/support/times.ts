// How often a test does a thing: a few times with every change, as often as was promised when it is given the time.
const long = process.env.LIVE_RELOAD_STRESS === '1'

/** The usual number; with LIVE_RELOAD_STRESS=1 (`npm run test:stress`) the promised one. */
export const times = (usual: number, promised: number): number => long ? promised : usual
