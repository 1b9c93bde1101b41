'use strict'

/** What is wrong with a source, by a name, in words, and with what to do: found by what FFmpeg says of it. */
const FAULTS = [
  [/No such file or directory/, 'SourceMissing', 'there is no such file. Put it there, or name another.'],
  [/Permission denied/, 'SourceForbidden', 'the file may not be read. Give the engine\'s user the right to read it.'],
  [/Is a directory/, 'SourceUnreadable', 'this is a folder. Name a file.'],
  [/moov atom not found/, 'SourceTruncated', 'its index (moov) is missing: it is cut short, or no MP4. Send the whole file again.'],
  [/Protocol '.*' not on whitelist/, 'SourceRefused', 'it names another place, which is not allowed for this kind of source.'],
  [/Invalid data found|could not find codec parameters|End of file/i, 'SourceUnreadable', 'this is no video that FFmpeg can read. Play it with ffprobe to see what it is.'],
  [/More comes than is decoded/, 'MachineTooSlow', 'the machine does not keep up with its sources. Take a larger instance type, fewer sources or smaller pictures.'],
  [/No picture in it/, 'NoPictures', 'it has no picture. Name a source that has one.'],
  [/[Cc]onnection refused|Connection timed out|Network is unreachable|Connection to .* failed/, 'SourceUnreachable', 'nobody answers there. See whether the sender runs, and its address and port.'],
  [/[Nn]o picture /, 'NoPicturesArrive', 'see whether the sender sends, and whether it sends key pictures.']
]
const BEGINNING = /^Error opening input( file [^\s]+)?:? |^Error opening input files?: /

/**
 * Name what is wrong.
 *
 * @param {string[]} messages what FFmpeg said as errors, in its order; none when it said nothing
 * @param {string} how it ended
 * @returns {{reason: string, text: string}} `text` says what happened and what to do
 */
function faultOf (messages, how) {
  for (const [pattern, reason, advice] of FAULTS) {
    const message = messages.find((text) => pattern.test(text))
    if (message) return { reason, text: `${reason}: ${advice} (${message.replace(BEGINNING, '')})` }
  }
  const message = messages.at(0)
  return { reason: 'SourceFailed', text: `SourceFailed: ${message ? `${message} (FFmpeg ${how})` : `FFmpeg ${how}`}` }
}

module.exports = { faultOf }
