// The portal's colour, kept readable: at least 4.5 : 1 as text on our grounds and under white letters.

const LIGHT = [243, 244, 246];
const DARK = [44, 47, 54];
const ENOUGH = 4.6;

export function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Reads any colour a browser knows; null when it is none. */
function read(text) {
  if (!text || !globalThis.CSS?.supports("color", text)) return null;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const brush = canvas.getContext("2d");
  if (!brush) return null;
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, 1, 1);
  brush.fillStyle = text;
  brush.fillRect(0, 0, 1, 1);
  return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

function moved(rgb, ground, towards) {
  let now = rgb;
  for (let share = 0.04; contrast(now, ground) < ENOUGH && share <= 1.04; share += 0.04) {
    now = rgb.map((part) => Math.round(part + (towards - part) * Math.min(share, 1)));
  }
  return now;
}

/** Custom properties for a given colour, or none: `--c` on light, `--cd` on dark. */
export function tones(text) {
  const given = read(text);
  if (!given) return "";
  const write = (rgb) => `rgb(${rgb.join(" ")})`;
  return `:host{--given:${write(moved(given, LIGHT, 0))};--given-dark:${write(moved(given, DARK, 255))}}`;
}
