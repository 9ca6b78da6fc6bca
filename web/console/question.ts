/** An image that goes with a question. */
export interface QuestionImage {
  attachmentId: string
  /** That of its file. */
  name: string
  /** The image itself, as a `data:` URL, where the page has it; it is not stored. */
  address?: string
}

/** What an agent is asked. */
export interface Question {
  content: string
  images?: readonly QuestionImage[]
}
