/** Stands in a text for an image that the model is not shown. */
const IMAGE_NOTE = '[image]'

/** A text and a note for each image that came with it and is not shown. */
export const withImageNotes = (text: string, images: number): string =>
  images === 0 ? text : [text, Array(images).fill(IMAGE_NOTE).join(' ')].filter(Boolean).join('\n\n')
