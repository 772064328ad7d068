/** Small dense symmetric matrices, row by row. Sizes here are the number of parameters: two or three. */
export type Vector = readonly number[];
export type Matrix = readonly Vector[];

const entry = (matrix: Matrix, row: number, column: number) => matrix[row]?.[column] ?? Number.NaN;

export const diagonal = (values: Vector): Matrix =>
  values.map((value, row) => values.map((_, column) => (row === column ? value : 0)));

export const scaled = (matrix: Matrix, factor: number): Matrix =>
  matrix.map((row) => row.map((value) => value * factor));

/** Lower triangle L with L Lᵀ = matrix; null if the matrix is not positive definite. */
export function cholesky(matrix: Matrix): Matrix | null {
  const lower: number[][] = matrix.map((row) => row.map(() => 0));
  for (const [i, row] of lower.entries()) {
    for (let j = 0; j <= i; j++) {
      let sum = entry(matrix, i, j);
      for (let k = 0; k < j; k++) sum -= entry(lower, i, k) * entry(lower, j, k);
      if (i === j && !(sum > 0)) return null;
      row[j] = i === j ? Math.sqrt(sum) : sum / entry(lower, j, j);
    }
  }
  return lower;
}

/** x of L x = b for a lower triangle L. */
export function solveLower(lower: Matrix, b: Vector): Vector {
  const x: number[] = [];
  for (const [i, value] of b.entries()) {
    let sum = value;
    for (let k = 0; k < i; k++) sum -= entry(lower, i, k) * (x[k] ?? 0);
    x.push(sum / entry(lower, i, i));
  }
  return x;
}

export const transpose = (matrix: Matrix): Matrix =>
  (matrix[0] ?? []).map((_, column) => matrix.map((row) => row[column] ?? Number.NaN));

export const multiply = (left: Matrix, right: Matrix): Matrix => {
  const columns = transpose(right);
  return left.map((row) => columns.map((column) => dot(row, column)));
};

export const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

/** Inverse of a positive definite matrix; null if it is not one. */
export function inverse(matrix: Matrix): Matrix | null {
  const lower = cholesky(matrix);
  if (lower === null) return null;
  const identity = diagonal(matrix.map(() => 1));
  const lowerInverse = transpose(identity.map((unit) => solveLower(lower, unit)));
  return multiply(transpose(lowerInverse), lowerInverse);
}

/** Eigenvalues of a symmetric matrix, by Jacobi rotations, ascending. */
export function eigenvalues(matrix: Matrix): Vector {
  let current = matrix;
  for (let sweep = 0; sweep < 50; sweep++) {
    for (let p = 0; p < matrix.length; p++) {
      for (let q = p + 1; q < matrix.length; q++) current = rotated(current, p, q);
    }
  }
  return current.map((row, index) => row[index] ?? Number.NaN).sort((a, b) => a - b);
}

/** The matrix in axes p and q turned so that its element (p, q) vanishes. */
function rotated(matrix: Matrix, p: number, q: number): Matrix {
  const off = entry(matrix, p, q);
  if (off === 0) return matrix;
  const angle = 0.5 * Math.atan2(2 * off, entry(matrix, q, q) - entry(matrix, p, p));
  const turn = diagonal(matrix.map(() => 1)).map((row) => [...row]);
  const [rowP, rowQ] = [turn[p], turn[q]];
  if (rowP === undefined || rowQ === undefined) return matrix;
  [rowP[p], rowP[q], rowQ[p], rowQ[q]] = [Math.cos(angle), Math.sin(angle), -Math.sin(angle), Math.cos(angle)];
  return multiply(multiply(transpose(turn), matrix), turn);
}
