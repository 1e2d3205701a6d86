// Names the file in a served root that this document came from, if the server said so.
import { entry } from './navigation.js'

export const documentFile = entry?.serverTiming?.find(({ name }) => name === 'file')?.description
