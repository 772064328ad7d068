import { describe, expect, test } from "vitest";
import { colouredLine, decodeVisibly, displayLine } from "../../src/chain/terminal-line.js";

describe("displayLine", () => {
  test.each([
    ["plain text stays as it is", "Ω_m = 0.295 ✔", "Ω_m = 0.295 ✔"],
    ["colours go", "\x1b[31;1mred\x1b[0m and \x1b[38:2::1:2:3mtrue\x1b[m", "red and true"],
    ["8-bit control sequences go", "a\x9b31mb\x85c", "abc"],
    ["titles and links go", "\x1b]0;evil\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "alink"],
    ["a sequence cut off at the end goes", "abc\x1b[38;5", "abc"],
    ["an unfinished title goes", "abc\x1b]0;never ends", "abc"],
    ["cursor and screen commands go", "a\x1b[2J\x1b[10;10Hb\x1b[Ac\x1b7\x1b(B", "abc"],
    ["tabs become blanks up to the next stop", "a\tbc\td", "a       bc      d"],
    ["bells, nulls and deletes go", "a\x07b\x00c\x7fd", "abcd"],
    ["the last state of a bar stays", "\r 10%|█   |\r 50%|██  |\r100%|████|", "100%|████|"],
    ["a shorter text leaves the rest of the longer one", "abcdef\rXY", "XYcdef"],
    ["Windows line ends vanish", "done\r", "done"],
    ["erase to the end of the line", "abcdef\rXY\x1b[K", "XY"],
    ["erase the whole line", "abcdef\x1b[2K\rX", "X"],
    ["a bar cleared with blanks leaves nothing", "\r 10%|█   |\r           \r", ""],
    ["backspace", "ab\b\bxy", "xy"],
    ["cursor in the line", "abc\x1b[2DX\x1b[5GY", "aXc Y"],
    ["an inner bar that goes up again is what its line shows", "\rinner:  50%|██  |\x1b[A", "inner:  50%|██  |"],
    ["a bar of the row above stands for itself", "\rinner: 100%|████|\x1b[A\router: 1/9", "outer: 1/9"],
    ["a cursor that goes down begins a row", "\rabc\x1b[1Bx", "   x"],
    ["colours inside an overwritten line", "\x1b[31mabc\x1b[0m\r\x1b[32mX\x1b[0m", "Xbc"],
  ])("%s", (_, raw, shown) => {
    expect(displayLine(raw)).toBe(shown);
  });

  test("a cursor sent far away does not fill memory", () => {
    expect(displayLine("a\x1b[999999999Cb").length).toBeLessThan(5000);
  });

  test("nothing that could move a cursor is left, whatever comes in", () => {
    let seed = 7;
    const next = (bound: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * bound);
    };
    const alphabet = [
      "\x1b",
      "[",
      "]",
      "K",
      "5",
      ";",
      "\r",
      "\b",
      "\t",
      "\x9b",
      "\x07",
      "x",
      "█",
      "\x1b\\",
      "\x00",
      "m",
    ];
    for (let round = 0; round < 3000; round++) {
      const raw = Array.from({ length: 14 }, () => alphabet[next(alphabet.length)]).join("");
      expect(displayLine(raw), JSON.stringify(raw)).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
    }
  });
});

describe("colouredLine", () => {
  test.each([
    ["plain", null],
    ["a\x1b[2Kb\x1b]0;t\x07", null],
    ["\x1b[0mplain", null],
    ["\x1b[31;1mred\x1b[0m and \x1b[38:2::1:2:3mtrue\x1b[m", "\x1b[31;1mred\x1b[0m and \x1b[38:2::1:2:3mtrue\x1b[0m"],
    ["a\x9b31mb", "a\x1b[31mb\x1b[0m"],
    ["\x1b[31mabc\x1b[0m\r\x1b[32mX\x1b[0m", "\x1b[32mX\x1b[0m\x1b[31mbc\x1b[0m"],
    ["\x1b[31ma\tb\x07\x1b[2J\x1b[5;5Hc", "\x1b[31ma       bc\x1b[0m"],
    ["\x1b[31mno end", "\x1b[31mno end\x1b[0m"],
    ["\x1b[31mbar\r\x1b[0m   ", null],
  ])("%j", (raw, shown) => {
    expect(colouredLine(raw)).toBe(shown);
  });

  test("without its colours it is the line as it is displayed", () => {
    for (const raw of ["\x1b[31ma\tb\x1b[0mc\td", "x\r\x1b[1mY\x1b[K", "\x1b[4m\x1b[2;3;4mabc\x1b[3CX"]) {
      expect(colouredLine(raw)?.replace(/\x1b\[[0-9:;]*m/g, "")).toBe(displayLine(raw));
    }
  });

  test("colours without end do not grow", () => {
    const raw = Array.from({ length: 5000 }, (_, n) => `\x1b[38;5;${n % 256}mx`).join("");
    expect(colouredLine(raw)?.length).toBeLessThan(5000 * 140);
  });
});

describe("decodeVisibly", () => {
  test("bytes that are not UTF-8 are seen, the text around them too", () => {
    expect(decodeVisibly(Uint8Array.of(0x61, 0xff, 0xc3, 0xa9, 0xe2, 0x82, 0x62))).toBe("a\\xffé\\xe2\\x82b");
    expect(decodeVisibly(Uint8Array.of(0xc3))).toBe("\\xc3");
    expect(decodeVisibly(Uint8Array.of(0xed, 0xa0, 0x80))).toBe("\\xed\\xa0\\x80");
  });

  test("a replacement character that the run printed itself stays", () => {
    expect(decodeVisibly(Uint8Array.of(0xff, 0xef, 0xbf, 0xbd))).toBe("\\xff\ufffd");
    expect(displayLine(new TextEncoder().encode("a\ufffdb"))).toBe("a\ufffdb");
  });

  test("a broken line of 256 KiB is quick", () => {
    const bytes = Uint8Array.from({ length: 262_144 }, (_, index) => (index % 2 === 0 ? 0xff : 0x61));
    expect(decodeVisibly(bytes)).toHaveLength(131_072 * 5);
  });
});
