import { ValidationError } from './errors.ts'

/**
 * An address as far as its text tells; where its name leads is seen when it is called.
 *
 * @throws ValidationError when it is no URL, has another scheme than `https`, or has a user or a password
 */
export function allowedUrl(url: string, allowPrivate: boolean): URL {
  const target = URL.parse(url)
  if (!target) throw new ValidationError('the address is not a URL')
  if (target.protocol !== 'https:' && !(allowPrivate && target.protocol === 'http:')) {
    throw new ValidationError('the address must begin with "https://"')
  }
  if (target.username || target.password) throw new ValidationError('the address must not carry a user or a password')
  return target
}
