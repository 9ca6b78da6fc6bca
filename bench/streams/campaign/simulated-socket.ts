/** What a browser's `WebSocket` is to its page; the other end calls `opened`, `arrived` and `lost`. */
export class SimulatedSocket extends EventTarget {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3

  readyState = SimulatedSocket.CONNECTING
  protocol = ''
  onSend: (frame: string) => void = () => undefined
  onClose: () => void = () => undefined

  send(frame: string): void {
    if (this.readyState === SimulatedSocket.CONNECTING) throw new DOMException('the socket is not open', 'InvalidStateError')
    if (this.readyState === SimulatedSocket.OPEN) this.onSend(frame)
  }

  close(): void {
    if (this.readyState >= SimulatedSocket.CLOSING) return
    this.readyState = SimulatedSocket.CLOSING
    this.onClose()
    setTimeout(() => this.lost(1000), 1)
  }

  opened(protocol: string): void {
    this.readyState = SimulatedSocket.OPEN
    this.protocol = protocol
    this.dispatchEvent(new Event('open'))
  }

  arrived(data: string): void {
    if (this.readyState === SimulatedSocket.OPEN) this.dispatchEvent(new MessageEvent('message', { data }))
  }

  /** The connection is gone; a page is told once. */
  lost(code: number): void {
    if (this.readyState === SimulatedSocket.CLOSED) return
    this.readyState = SimulatedSocket.CLOSED
    if (code !== 1000) this.dispatchEvent(new Event('error'))
    this.dispatchEvent(new CloseEvent('close', { code, wasClean: code === 1000 }))
  }
}
