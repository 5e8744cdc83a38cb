# Makes the system calls that Node has no words for, as told on standard input by src/launch/calls.ts, and nothing else.
#   aside, main    begins a part: "aside" is done by a child that keeps its descriptors until "main" is done.
#   NUMBER FIELD…  a system call. FIELD: i:NUMBER, s:HEX (bytes), r:N (what call N returned), a:N (path of the child's descriptor N).
# Calls are counted from 0 through both parts. Answers "ok", or "failed N ERRNO", where it stopped. Says the same as calls.py.
use strict;
use warnings;

my %calls = (aside => [], main => []);
my $part = 'main';
while (my $line = <STDIN>) {
  chomp $line;
  if ($line eq 'aside' || $line eq 'main') { $part = $line; next }
  push @{ $calls{$part} }, $line;
}

my @returned;
my $child = 0;

sub field {
  my ($kind, $value) = split /:/, $_[0], 2;
  return 0 + $value if $kind eq 'i';
  return pack('H*', $value) if $kind eq 's';
  return 0 + $returned[$value] if $kind eq 'r';
  return "/proc/$child/fd/$returned[$value]\0";
}

# The first call that fails ends it; undefined when none does.
sub failure {
  for my $line (@_) {
    my ($number, @fields) = split / /, $line;
    my @values = map { field($_) } @fields;
    my $answer = syscall(0 + $number, @values);
    return 'failed ' . scalar(@returned) . ' ' . (0 + $!) if $answer == -1;
    push @returned, 0 + $answer;
  }
  return undef;
}

my $hold;
if (@{ $calls{aside} }) {
  pipe(my $ready, my $tell) or die "pipe: $!";
  pipe(my $wait, $hold) or die "pipe: $!";
  $child = fork();
  die "fork: $!" unless defined $child;
  if ($child == 0) {
    close $hold;
    my $failed = failure(@{ $calls{aside} });
    print $tell $failed // "ok @returned", "\n";
    close $tell;
    <$wait>;
    exit 0;
  }
  close $tell;
  my $answer = <$ready> // 'failed 0 0';
  chomp $answer;
  if ($answer !~ s/^ok //) { print "$answer\n"; exit 1 }
  @returned = split / /, $answer;
}
my $failed = failure(@{ $calls{main} });
print $failed // 'ok', "\n";
close $hold if $hold;
exit(defined $failed ? 1 : 0);
