#!/bin/sh
# What the documents paste and point to is checked:
#
#   sh tests/readme.sh [PROGRAM]            PROGRAM is build/lyapcert if left out
#   sh tests/readme.sh --update [PROGRAM]   writes what is pasted anew
#
# In README.md, src/README.md, proofs/*.md and tests/bench/README.md:
#   * a ```console block holds commands, "$ build/lyapcert ...", each with what it prints. They are run in a scratch folder that has build/ and proofs/. A line that
#     ends with " ..." has been cut (those of README.md at 120 characters), and a line "  ..." stands for any number of lines.
#   * "<!-- file: NAME -->" before a ``` block: proofs/... must be that file; any other name is written to the scratch folder, and the program must accept it.
#   * links, also to headings, and paths in backquotes lead somewhere.
#   * THEOREMS.md has every T that is referred to, and its graph no arrow without a reference.
#   * README.md is short.
# Two runs agree if they differ only in what another run may do differently: seconds, the effort (leaves, boxes, words, states), distances and losses of a training run,
# digits of an enclosure that was searched for. Of such enclosures it is asked that they overlap, as two proved enclosures of one number must.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
update=0
if [ "${1:-}" = "--update" ]; then
  update=1
  shift
fi
program=${1:-$root/build/lyapcert}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/build"
ln -s "$(cd "$(dirname "$program")" && pwd)/$(basename "$program")" "$scratch/build/lyapcert"
cp -r "$root/proofs" "$scratch/proofs"
cat > "$scratch/check.pl" <<'PERL'
use strict;
use warnings;

my ($root, $scratch, $update) = @ARGV;
my $most_lines = 130;
my $most_columns = 120;
my @documents = ('README.md', 'src/README.md', 'tests/bench/README.md', map { s/^\Q$root\E\///r } sort glob "$root/proofs/*.md");
my @failures;
sub failure { push @failures, join '', @_ }

sub slurp {
    my ($path) = @_;
    open my $file, '<:encoding(UTF-8)', $path or return undef;
    local $/;
    my $text = <$file>;
    return $text;
}
sub spew {
    my ($path, $text) = @_;
    open my $file, '>:encoding(UTF-8)', $path or die "$path: $!";
    print $file $text;
    close $file or die "$path: $!";
}

# Commands and files.

sub run {
    my ($command) = @_;
    my $pid = open my $pipe, '-|';
    if (!$pid) {
        chdir $scratch or exit 99;
        open STDIN, '<', '/dev/null';
        open STDERR, '>&', \*STDOUT;
        exec 'sh', '-c', $command;
        exit 99;
    }
    binmode $pipe, ':encoding(UTF-8)';
    my @lines = <$pipe>;
    close $pipe;
    chomp @lines;
    s/\s+$// for @lines;
    return @lines;
}

my $number = qr/-?(?:inf|\d[\d.]*(?:e[-+]?\d+)?)/;
sub value { my ($x) = @_; return $x eq '-inf' ? -9**9**9 : $x eq 'inf' ? 9**9**9 : 0 + $x }

# Without what another run may do differently. Enclosures of lambda go to a list.
sub plain {
    my ($line, $enclosures) = @_;
    $line =~ s/; [\d, a-z]*\b(?:leaves|boxes|words?|states?)\b//;
    $line =~ s/("seconds": )$number/$1#/;
    $line =~ s/(\bwithin |\bat most )$number(?= of the given weights|;)/$1#/;
    $line =~ s/\d+ steps, loss $number -> $number/# steps, loss # -> #/;
    if ($line =~ /\blambda /) {
        $line =~ s/\[($number), ($number)\]/push @$enclosures, [value($1), value($2)]; '[#]'/e;
        $line =~ s/ >= ($number)$/push @$enclosures, [value($1), 9**9**9]; ' >= #'/e;
        $line =~ s/ <= ($number)$/push @$enclosures, [-9**9**9, value($1)]; ' <= #'/e;
    }
    return $line;
}
sub same_line {
    my ($pasted, $printed) = @_;
    my (@a, @b);
    my $left = plain($pasted, \@a);
    my $right = plain($printed, \@b);
    if ($left =~ s/ \.\.\.$//) {
        return 0 unless substr($right, 0, length $left) eq $left;
    } elsif ($left ne $right) {
        return 0;
    }
    for my $k (0 .. $#a) { return 0 if $k > $#b || $a[$k][0] > $b[$k][1] || $b[$k][0] > $a[$k][1] }
    return 1;
}
sub same {
    my ($pasted, $printed) = @_;
    my $hole = (grep { $pasted->[$_] eq '  ...' } 0 .. $#$pasted)[0];
    if (!defined $hole) {
        return 0 if @$pasted != @$printed;
        for my $k (0 .. $#$pasted) { return 0 unless same_line($pasted->[$k], $printed->[$k]) }
        return 1;
    }
    my $after = $#$pasted - $hole;
    return 0 if @$printed < $hole + $after;
    for my $k (0 .. $hole - 1) { return 0 unless same_line($pasted->[$k], $printed->[$k]) }
    for my $k (1 .. $after) { return 0 unless same_line($pasted->[-$k], $printed->[-$k]) }
    return 1;
}
# What is printed, cut where the document has it cut.
sub cut {
    my ($pasted, $columns, @printed) = @_;
    my $hole = (grep { $pasted->[$_] eq '  ...' } 0 .. $#$pasted)[0];
    if (defined $hole) {
        my $after = $#$pasted - $hole;
        @printed = (@printed[0 .. $hole - 1], '  ...', $after > 0 ? @printed[-$after .. -1] : ()) if @printed >= $hole + $after;
    }
    if ($columns) {
        for (@printed) {
            next if length $_ <= $columns;
            $_ = substr $_, 0, $columns - 4;
            s/\s+\S*$//;
            $_ .= ' ...';
        }
    }
    return @printed;
}

sub console {
    my ($place, $columns, @lines) = @_;
    my @result;
    while (@lines) {
        my $command = shift @lines;
        my ($shell) = $command =~ /^\$ (.*)/;
        if (!defined $shell) {
            failure("$place: a console block begins with '\$ '");
            return @result;
        }
        my @pasted;
        push @pasted, shift @lines while @lines && $lines[0] !~ /^\$ /;
        my @printed = run($shell);
        my $agree = same(\@pasted, \@printed);
        if ($update) { @pasted = cut(\@pasted, $columns, @printed) unless $agree }
        elsif (!$agree) {
            failure("$place: '$shell' prints something else than what is pasted (sh tests/readme.sh --update writes it anew):\n", map { "    $_\n" } cut(\@pasted, $columns, @printed));
        }
        push @result, $command, @pasted;
    }
    return @result;
}

sub named_file {
    my ($place, $name, @lines) = @_;
    if ($name =~ m{^proofs/}) {
        my $text = slurp("$root/$name");
        if (!defined $text) {
            failure("$place: there is no $name");
            return @lines;
        }
        chomp $text;
        return split /\n/, $text, -1 if $update;
        failure("$place: differs from $name (sh tests/readme.sh --update)") if $text ne join "\n", @lines;
        return @lines;
    }
    spew("$scratch/$name", join '', map { "$_\n" } @lines);
    if ($name =~ /\.toml$/ && !grep { /^\[network\]/ } @lines) {
        my @printed = run("build/lyapcert hypotheses $name >/dev/null");  # nothing but errors is left
        failure("$place: the program does not accept $name: @printed") if @printed;
    }
    return @lines;
}

sub blocks {
    my ($document, $text) = @_;
    my $columns = $document eq 'README.md' ? $most_columns : 0;
    my (@result, $file);
    my @lines = split /\n/, $text, -1;
    for (my $k = 0; $k < @lines; ++$k) {
        push @result, $lines[$k];
        $file = $1 if $lines[$k] =~ /^<!-- file: (\S+) -->$/;
        next unless $lines[$k] =~ /^```(\w*)$/;
        my ($kind, $place) = ($1, "$document:" . ($k + 1));
        my @inside;
        push @inside, $lines[$k] while ++$k < @lines && $lines[$k] ne '```';
        if ($k == @lines) { failure("$place: the block does not end"); last }
        @inside = named_file($place, $file, @inside) if defined $file;
        @inside = console($place, $columns, @inside) if $kind eq 'console';
        push @result, @inside, '```';
        undef $file;
    }
    return join "\n", @result;
}

# Links, paths, lengths.

sub headings {
    my ($text) = @_;
    my %anchors;
    $anchors{$1} = 1 while $text =~ /<a id="([^"]+)">/g;
    $text =~ s/^```.*?^```$//msg;
    while ($text =~ /^#+ (.*)$/mg) {
        my $slug = lc $1;
        $slug =~ s/[^\w\- ]//g;
        $slug =~ s/ /-/g;
        $anchors{$slug} = 1;
    }
    return \%anchors;
}
sub folder_of { my ($path) = @_; return $path =~ m{^(.*)/[^/]*$} ? $1 : '.' }

sub references {
    my ($document, $text) = @_;
    my $prose = $text =~ s/^```.*?^```$//msgr;
    while ($prose =~ /\]\(([^)\s]+)\)/g) {
        my $target = $1;
        next if $target =~ /^[a-z]+:/;
        my ($path, $anchor) = $target =~ /^([^#]*)(?:#(.*))?$/;
        my $file = $path eq '' ? "$root/$document" : "$root/" . folder_of($document) . "/$path";
        if (!-e $file) { failure("$document: the link $target leads nowhere"); next }
        failure("$document: $target: there is no such heading") if defined $anchor && !headings(slurp($file))->{$anchor};
    }
    while ($prose =~ /`([^`\s]+)`/g) {
        my $path = $1;
        # The checker's files are told from src/checker on in the table of THEOREMS.md.
        $path = "src/checker/$path" if $path =~ m{^(?:rules|numbers)/} && -d "$root/src/checker/rules";
        if ($path =~ m{^(?:numeric|linalg|problem|product|exponent|theorem|certificate|checker|report|cli)/[\w./*-]+\.[ch]pp$}) {
            failure("$document: there is no $path in src/ or include/lyapcert/") unless grep { -e } map { glob "$root/$_/$path" } 'src', 'include/lyapcert';
            next;
        }
        next unless $path =~ m{^(?:include|src|tests|proofs)/[\w./*-]+$};
        $path =~ s/:\d+$//;
        my @found = $path =~ /\*/ ? glob("$root/$path") : grep { -e } "$root/$path";
        failure("$document: there is no $path") unless @found;
    }
}

sub theorems {
    my ($text) = @_;
    my %section;
    while ($text =~ /^## (T\d+)\.(.*?)(?=^<a id="t|\z)/msg) { $section{$1} = $2 }
    $section{$_} = '' for grep { $section{T60} =~ /\*\*$_\./ } map { "T$_" } 61 .. 69;
    for my $folder ('include', 'src', 'tests', 'proofs', 'README.md') {
        for my $line (split /\n/, `grep -rIohE --include=*.hpp --include=*.cpp --include=*.md '\\bT[1-9][0-9]?\\b' '$root/$folder' | sort -u`) {
            failure("$folder: $line is referred to, and THEOREMS.md does not have it") unless defined $section{$line};
        }
    }
    while ($text =~ /^  (T\d+) --> (T\d+)$/mg) {
        my ($from, $to) = ($1, $2);
        my $body = $section{$to} // '';
        my %cited = map { $_ => 1 } $body =~ /\b(T\d+)\b/g;
        while ($body =~ /\bT(\d+) to T(\d+)\b/g) { $cited{"T$_"} = 1 for $1 .. $2 }
        failure("proofs/THEOREMS.md: the graph has an arrow from $from to $to, and $to does not refer to $from") unless $cited{$from};
    }
    for my $t (keys %section) {
        my $number = lc $t;
        failure("proofs/THEOREMS.md: the contents do not have $t") unless $text =~ /\[$t\]\(#$number\)/ || $t =~ /^T6\d$/;
    }
}

for my $document (@documents) {
    my $text = slurp("$root/$document");
    my $checked = blocks($document, $text);
    if ($update && $checked ne $text) {
        spew("$root/$document", $checked);
        print "$document written\n";
    }
    references($document, $checked);
    theorems($checked) if $document eq 'proofs/THEOREMS.md';
    if ($document eq 'README.md') {
        my @lines = split /\n/, $checked;
        failure("README.md has " . @lines . " lines; at most $most_lines") if @lines > $most_lines;
        for my $k (0 .. $#lines) { failure('README.md:' . ($k + 1) . ': has ' . length($lines[$k]) . " characters; at most $most_columns") if length $lines[$k] > $most_columns }
    }
}
binmode STDERR, ':encoding(UTF-8)';
print STDERR "$_\n" for @failures;
exit(@failures ? 1 : 0);
PERL
perl "$scratch/check.pl" "$root" "$scratch" "$update"
