"""Does a ring cross or touch itself: one Shamos–Hoey sweep in exact integers, O(n log n) also for hostile rings."""

from collections.abc import Sequence

Vertex = tuple[int, int]


def touching_edges(ring: Sequence[Vertex]) -> tuple[int, int] | None:
    """Indexes of two edges of the closed ring that cross, touch or overlap; None for a simple ring.

    `ring` is given without the repeated last vertex; edge i runs from vertex i to vertex i+1. Equal neighbours count
    as one vertex. A ring of fewer than three distinct vertices touches itself.
    """
    kept = [i for i, vertex in enumerate(ring) if vertex != ring[(i + 1) % len(ring)]]
    if len(kept) < 3:
        return 0, max(0, len(ring) - 1)
    found = _Sweep([ring[i] for i in kept]).run()
    return (kept[found[0]], kept[found[1]]) if found else None


def _turn(a: Vertex, b: Vertex, c: Vertex) -> int:
    """Positive when c lies to the left of a→b, negative to the right, 0 on the line."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


class _Sweep:
    """The sweep line moves over the vertices in (x, y) order; `active` holds the edges it cuts, lowest first."""

    def __init__(self, ring: list[Vertex]) -> None:
        self.ring = ring
        ends = [sorted((ring[i], ring[(i + 1) % len(ring)])) for i in range(len(ring))]
        self.left = [end[0] for end in ends]
        self.right = [end[1] for end in ends]
        self.active: list[int] = []

    def run(self) -> tuple[int, int] | None:
        first_use: dict[Vertex, int] = {}
        for i, vertex in enumerate(self.ring):
            if first_use.setdefault(vertex, i) != i:
                return first_use[vertex], i
        # Ends come before starts at one vertex, so that a chain running on through it never meets itself.
        events = sorted(
            [(self.left[i], 1, i) for i in range(len(self.ring))]
            + [(self.right[i], 0, i) for i in range(len(self.ring))]
        )
        for _, starts, edge in events:
            found = self._start(edge) if starts else self._end(edge)
            if found:
                return found
        return None

    def _start(self, edge: int) -> tuple[int, int] | None:
        place, met = self._place(edge)
        if met is not None:
            return met, edge
        for neighbour in self.active[max(0, place - 1) : place + 1]:
            if self._meet(edge, neighbour):
                return neighbour, edge
        self.active.insert(place, edge)
        return None

    def _end(self, edge: int) -> tuple[int, int] | None:
        place, met = self._place(edge)
        if met != edge:
            return (edge, met) if met is not None else (edge, edge)
        del self.active[place]
        if 0 < place < len(self.active) and self._meet(self.active[place - 1], self.active[place]):
            return self.active[place - 1], self.active[place]
        return None

    def _place(self, edge: int) -> tuple[int, int | None]:
        """Where the edge stands among the active ones, and the active edge it was found on, if any."""
        low, high = 0, len(self.active)
        while low < high:
            middle = (low + high) // 2
            other = self.active[middle]
            side = self._side(edge, other)
            if side == 0:
                return middle, other
            low, high = (middle + 1, high) if side > 0 else (low, middle)
        return low, None

    def _side(self, edge: int, other: int) -> int:
        """Above (+) or below (−) the other, seen where the later of the two starts; 0 when it starts on it."""
        if self.left[edge] < self.left[other]:
            return -_turn(self.left[edge], self.right[edge], self.left[other])
        side = _turn(self.left[other], self.right[other], self.left[edge])
        if side == 0 and self.left[edge] == self.left[other]:
            return _turn(self.left[other], self.right[other], self.right[edge])
        return side

    def _meet(self, one: int, two: int) -> bool:
        """True when the edges share a point; neighbours in the ring only when they fold back on each other."""
        a, b, c, d = self.left[one], self.right[one], self.left[two], self.right[two]
        if (one - two) % len(self.ring) in (1, len(self.ring) - 1):
            if _turn(a, b, c) != 0 or _turn(a, b, d) != 0:
                return False
            return a == c or b == d
        if max(a, c) > min(b, d):
            return False
        first, second = _turn(a, b, c), _turn(a, b, d)
        third, fourth = _turn(c, d, a), _turn(c, d, b)
        if first == second == third == fourth == 0:
            return True
        return first * second <= 0 and third * fourth <= 0
