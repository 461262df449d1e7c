/** `npm run bench:picture`: draws the main results anew, from RESULTS.md and TABLE.md. */
import { PICTURE_FILE, writePicture } from './picture-file.ts'

writePicture()
console.log(PICTURE_FILE)
