#!/bin/sh
# Draws proofs/picture.svg from what the program proves: mu, lambda and Lambda_2 / 2 of one minimum at many learning rates. Every bar is an enclosure, moved outward
# to a tenth of a pixel; the strips below are the verdicts. Nothing in the picture is typed.
set -eu
cd "$(dirname "$0")/.."
. ./.install.sh
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build build --target lyapcert_program >/dev/null

source=proofs/gd-unstable-sgd-stable/problem.toml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
files=""
for percent in $(seq 2 2 130); do
  file="$work/$(printf %03d "$percent").toml"
  sed -e "s|^learning_rate.*|learning_rate = \"$percent/100\"|" -e "s|^title.*|title = \"no comma\"|" "$source" > "$file"
  files="$files $file"
done
build/lyapcert table $files --time 5 --format csv --output "$work/table.csv" || [ $? -eq 1 ]

# The titles of the columns say where the numbers are.
awk -F, '
  function x_of(eta) { return left + (eta - 0) / most * (width - left - right) }
  function y_of(v) { return top + (high - v) / (high - low) * (height - top - bottom) }
  function outward(v, up,   k) { v *= 10; k = int(v); if (k > v) k--; if (up && k < v) k++; return k / 10 }
  function bar(eta, a, b, shift, colour,   y1, y2, m) {
    y1 = outward(y_of(b), 0); y2 = outward(y_of(a), 1)
    if (y2 - y1 < 3) { m = (y1 + y2) / 2; y1 = m - 1.5; y2 = m + 1.5 }
    printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"3\" height=\"%.1f\" fill=\"%s\"/>\n", x_of(eta) - 1.5 + shift, y1, y2 - y1, colour
  }
  function strip(eta, verdict, row,   y) {
    printf "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"10\" fill=\"%s\"/>\n", x_of(eta) - step / 2, height - bottom + 12 + 18 * row, step, verdict == "stable" ? "#9ccc9c" : verdict == "unstable" ? "#e8a0a0" : "#dddddd"
  }
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  {
    split($at["eta"], q, "/"); n++; eta[n] = q[1] / q[2]
    ml[n] = $at["mu_lower"]; mu[n] = $at["mu_upper"]; ll[n] = $at["lambda_lower"]; lu[n] = $at["lambda_upper"]
    sl[n] = $at["lambda2_lower"] / 2; su[n] = $at["lambda2_upper"] / 2; gd[n] = $at["gd"]; sgd[n] = $at["sgd"]
    if (low > ll[n]) low = ll[n]; if (low > ml[n]) low = ml[n]
  }
  END {
    width = 800; height = 400; left = 120; right = 20; top = 40; bottom = 100; most = eta[n] + eta[1]; low *= 1.15; high = -3 * low
    step = x_of(eta[2]) - x_of(eta[1])
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", width, height, width, height, width, height
    printf "<clipPath id=\"plot\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/></clipPath>\n", left, top, width - left - right, height - top - bottom
    names[1] = "lambda (SGD)"; names[2] = "mu (gradient descent)"; names[3] = "Lambda_2 / 2 (mean square)"
    colours[1] = "#c0392b"; colours[2] = "#1b6ca8"; colours[3] = "#7f8c3a"
    for (c = 1; c <= 3; c++) printf "<rect x=\"%d\" y=\"14\" width=\"10\" height=\"10\" fill=\"%s\"/><text x=\"%d\" y=\"24\">%s</text>\n", left + 200 * (c - 1), colours[c], left + 200 * (c - 1) + 16, names[c]
    printf "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"black\" stroke-dasharray=\"4 3\"/>\n<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">0</text>\n", left, width - right, y_of(0), y_of(0), left - 8, y_of(0) + 4
    printf "<g clip-path=\"url(#plot)\">\n"
    for (i = 1; i <= n; i++) { bar(eta[i], sl[i], su[i], 2, colours[3]); bar(eta[i], ml[i], mu[i], -2, colours[2]); bar(eta[i], ll[i], lu[i], 0, colours[1]) }
    printf "</g>\n"
    for (i = 1; i <= n; i++) { strip(eta[i], gd[i], 0); strip(eta[i], sgd[i], 1); strip(eta[i], su[i] < 0 ? "stable" : sl[i] > 0 ? "unstable" : "undecided", 2) }
    split("GD,SGD,mean square", label, ",")
    for (r = 0; r < 3; r++) printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", left - 8, height - bottom + 21 + 18 * r, label[r + 1]
    for (t = 0; t <= most; t += 0.25) printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.2f</text>\n", x_of(t), height - 18, t
    printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">learning rate</text>\n<text x=\"%d\" y=\"%d\">green: proved stable, red: proved unstable, grey: undecided</text>\n</svg>\n", width - right, height - 3, left, height - 3
  }
' "$work/table.csv" > "$work/picture.svg"
mv "$work/picture.svg" proofs/picture.svg
