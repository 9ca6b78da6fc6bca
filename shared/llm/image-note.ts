/** Takes the place of an image that the model is not shown. */
const IMAGE_NOTE = '[image]'

/** A text, followed by one note for each of its images that are not shown. */
export const withImageNotes = (text: string, images: number): string =>
  images === 0 ? text : [text, Array(images).fill(IMAGE_NOTE).join(' ')].filter(Boolean).join('\n\n')
