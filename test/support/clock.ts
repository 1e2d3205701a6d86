// The clock of the test kit.
export { manualClock, type ManualClock } from '../../lib/entries/testing/clock.js'
