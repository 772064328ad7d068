import { expect, test } from "vitest";
import { nearest } from "../../src/core/nearest.js";

test("finds the word that was meant and nothing for a word from elsewhere", () => {
  const words = ["mcmc", "fisher-forecast", "anomaly-sweep"];
  expect(nearest("mcmmc", words)).toBe("mcmc");
  expect(nearest("fisher-forcast", words)).toBe("fisher-forecast");
  expect(nearest("transformer", words)).toBeUndefined();
});
