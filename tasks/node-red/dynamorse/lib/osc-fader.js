'use strict'

const dgram = require('dgram')

/** UDP, and the name of the control: as the flow has them, and the tablet of 2017. */
const PORT = 8000
const CONTROL = '/1/fader1'
const STEP_MS = 40
const LONGEST_SECONDS = 3600
const EVERYWHERE = ['0.0.0.0', '', undefined]

/** The wish is none: the message says what would be right. */
class WrongFade extends Error {}

/** An OSC message of one float (opensoundcontrol.org/spec-1_0): texts end with zeros to four bytes. */
function oscMessage (control, value) {
  const text = (one) => Buffer.concat([Buffer.from(one), Buffer.alloc(4 - one.length % 4)])
  const number = Buffer.alloc(4)
  number.writeFloatBE(value)
  return Buffer.concat([text(control), text(',f'), number])
}

function readFade (wish) {
  if (wish === null || typeof wish !== 'object' || Array.isArray(wish)) throw new WrongFade('the body must be an object such as {"fader": 0.5, "seconds": 2}')
  const { fader, seconds = 0 } = wish
  if (!(typeof fader === 'number' && fader >= 0 && fader <= 1)) throw new WrongFade(`fader must be a number from 0 to 1, not ${JSON.stringify(fader)}`)
  if (!(typeof seconds === 'number' && seconds >= 0 && seconds <= LONGEST_SECONDS)) throw new WrongFade(`seconds must be a number from 0 to ${LONGEST_SECONDS}, not ${JSON.stringify(seconds)}`)
  return { fader, seconds }
}

/** Moves dynamorse's fader by OSC, as a tablet does; it tells nobody where it stands, so only its own moves are known. */
class OscFader {
  /** @param {string} [host] where Node-RED listens: the mixer listens there, too, or everywhere */
  constructor (host, port = PORT) {
    this.host = EVERYWHERE.includes(host) ? '127.0.0.1' : host
    this.port = port
    this.position = null
    this.timer = null
  }

  /**
   * Begin to move.
   *
   * @param {{fader: number, seconds: number}} fade
   * @param {number} from where it stands if this has not moved it before
   */
  move ({ fader, seconds }, from) {
    clearInterval(this.timer)
    const start = this.position === null ? from : this.position
    const began = Date.now()
    const step = () => {
      const way = seconds > 0 ? Math.min(1, (Date.now() - began) / (seconds * 1000)) : 1
      this.position = start + (fader - start) * way
      this.send(this.position)
      if (way === 1) clearInterval(this.timer)
    }
    if (seconds > 0) this.timer = setInterval(step, STEP_MS)
    step()
  }

  send (value) {
    const socket = dgram.createSocket('udp4')
    socket.on('error', () => {})
    socket.send(oscMessage(CONTROL, value), this.port, this.host, () => socket.close())
  }
}

module.exports = { OscFader, WrongFade, oscMessage, readFade }
