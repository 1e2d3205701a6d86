// The reader of the test kit.
export { createEventReader, type EventReader } from '../../lib/entries/testing/event-reader.js'
