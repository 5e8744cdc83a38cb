// Progress lines of the set-up scripts, on stderr so that `npm start -- … --json` keeps its stdout.
const colour = process.stderr.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'

export const say = (text) => {
  process.stderr.write(`${colour ? `\u001b[2m${text}\u001b[22m` : text}\n`)
}

export const complain = (text) => {
  process.stderr.write(`${colour ? `\u001b[31m${text}\u001b[39m` : text}\n`)
}

export const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`
