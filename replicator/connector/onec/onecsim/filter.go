package onecsim

import (
	"strings"
	"unicode"

	"sverka/schema"
)

// predicate tells whether a row passes a $filter.
type predicate func(row) bool

// parseFilter reads the subset of OData v3 that clients of 1C use: eq ne gt ge
// lt le, and or not, brackets, guid'…', datetime'…', 'text', numbers, true,
// substringof, startswith and cast(guid'…','Type').
func parseFilter(text string) (predicate, *odataError) {
	p := &filterParser{tokens: lexFilter(text)}
	if p.tokens == nil {
		return nil, errFilter()
	}
	out := p.or()
	if p.bad || p.at != len(p.tokens) {
		return nil, errFilter()
	}
	return out, nil
}

type token struct {
	kind byte // w word, t 'text', g guid, d datetime, n number, or the punctuation itself
	text string
}

func lexFilter(s string) []token {
	var out []token
	rs := []rune(s)
	for i := 0; i < len(rs); {
		r := rs[i]
		switch {
		case r == ' ':
			i++
		case r == '(' || r == ')' || r == ',':
			out = append(out, token{kind: byte(r), text: string(r)})
			i++
		case r == '\'':
			text, next := quoted(rs, i)
			if next < 0 {
				return nil
			}
			out, i = append(out, token{'t', text}), next
		case unicode.IsDigit(r) || r == '-':
			j := i + 1
			for j < len(rs) && (unicode.IsDigit(rs[j]) || rs[j] == '.') {
				j++
			}
			out, i = append(out, token{'n', string(rs[i:j])}), j
		case unicode.IsLetter(r) || r == '_':
			j := i
			for j < len(rs) && (unicode.IsLetter(rs[j]) || unicode.IsDigit(rs[j]) || rs[j] == '_' || rs[j] == '/') {
				j++
			}
			word := string(rs[i:j])
			if j < len(rs) && rs[j] == '\'' && (word == "guid" || word == "datetime") {
				text, next := quoted(rs, j)
				if next < 0 {
					return nil
				}
				out, i = append(out, token{word[0], strings.ToLower(text)}), next
				continue
			}
			out, i = append(out, token{'w', word}), j
		default: // a "+" lands here: 1C does not read it as a space
			return nil
		}
	}
	return out
}

// quoted reads a text in quotes that begins at i; a doubled quote is a quote.
func quoted(rs []rune, i int) (string, int) {
	var b strings.Builder
	for j := i + 1; j < len(rs); j++ {
		if rs[j] != '\'' {
			b.WriteRune(rs[j])
			continue
		}
		if j+1 < len(rs) && rs[j+1] == '\'' {
			b.WriteRune('\'')
			j++
			continue
		}
		return b.String(), j + 1
	}
	return "", -1
}

type filterParser struct {
	tokens []token
	at     int
	bad    bool
}

func (p *filterParser) peek() token {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return token{}
}

func (p *filterParser) next() token {
	t := p.peek()
	p.at++
	return t
}

func (p *filterParser) word(w string) bool {
	if t := p.peek(); t.kind == 'w' && t.text == w {
		p.at++
		return true
	}
	return false
}

func (p *filterParser) expect(kind byte) token {
	t := p.next()
	if t.kind != kind {
		p.bad = true
	}
	return t
}

func (p *filterParser) or() predicate {
	terms := []predicate{p.and()}
	for p.word("or") {
		terms = append(terms, p.and())
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return func(r row) bool {
		for _, t := range terms {
			if t(r) {
				return true
			}
		}
		return false
	}
}

func (p *filterParser) and() predicate {
	left := p.term()
	for p.word("and") {
		a, b := left, p.term()
		left = func(r row) bool { return a(r) && b(r) }
	}
	return left
}

func (p *filterParser) term() predicate {
	switch {
	case p.bad || p.at >= len(p.tokens):
		p.bad = true
		return func(row) bool { return false }
	case p.word("not"):
		inner := p.term()
		return func(r row) bool { return !inner(r) }
	case p.peek().kind == '(':
		p.at++
		inner := p.or()
		p.expect(')')
		return inner
	case p.peek().text == "substringof" && p.peek().kind == 'w':
		p.at++
		p.expect('(')
		part := p.expect('t').text
		p.expect(',')
		name := p.expect('w').text
		p.expect(')')
		return func(r row) bool { return strings.Contains(text(r, name), part) }
	}
	return p.comparison()
}

func (p *filterParser) comparison() predicate {
	name := p.expect('w').text
	op := p.expect('w').text
	value := p.value()
	if p.bad {
		return func(row) bool { return false }
	}
	switch op {
	case "eq":
		return func(r row) bool { return equal(r[name], value) }
	case "ne":
		return func(r row) bool { return !equal(r[name], value) }
	case "gt":
		return func(r row) bool { return compare(r[name], value) > 0 }
	case "ge":
		return func(r row) bool { return compare(r[name], value) >= 0 }
	case "lt":
		return func(r row) bool { return compare(r[name], value) < 0 }
	case "le":
		return func(r row) bool { return compare(r[name], value) <= 0 }
	}
	p.bad = true
	return func(row) bool { return false }
}

// value reads a literal; cast(guid'…','Type') is the guid alone.
func (p *filterParser) value() any {
	t := p.next()
	switch {
	case t.kind == 'n':
		return number(t.text)
	case t.kind == 'w' && (t.text == "true" || t.text == "false"):
		return t.text == "true"
	case t.kind == 'w' && t.text == "cast":
		p.expect('(')
		v := p.value()
		p.expect(',')
		p.expect('t')
		p.expect(')')
		return v
	case t.kind == 't', t.kind == 'g':
		return t.text
	case t.kind == 'd':
		return strings.ToUpper(t.text)
	}
	p.bad = true
	return nil
}

func equal(a, b any) bool {
	if a == b {
		return true
	}
	_, an := a.(number)
	_, bn := b.(number)
	return (an || bn) && compare(a, b) == 0
}

// compare orders texts, dates and numbers; numbers exactly.
func compare(a, b any) int {
	x, xok := a.(number)
	y, yok := b.(number)
	if xok || yok {
		if !xok {
			s, _ := a.(string)
			x = number(s)
		}
		if !yok {
			s, _ := b.(string)
			y = number(s)
		}
		i, _ := schema.ParseQuantity(string(x))
		j, _ := schema.ParseQuantity(string(y))
		return int(min(max(i-j, -1), 1))
	}
	s, _ := a.(string)
	t, _ := b.(string)
	return strings.Compare(s, t)
}
