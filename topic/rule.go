package topic

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"copydesk"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Rule is a compiled rule: an expression over one entry that is true or false.
type Rule struct {
	text    string
	program *vm.Program
}

// RuleError says what is wrong with a rule, and where in its text.
type RuleError struct {
	Message string
	column  int
}

func (e *RuleError) Error() string { return e.Message }

// Column is the place of the mistake in the rule's text, from 1; 0 if unknown.
func (e *RuleError) Column() int { return e.column }

// facts is what a rule sees of an entry. The tags are the names that operators
// write, and a contract.
type facts struct {
	Source     string    `expr:"source"`     // id, else address, of its source
	Publisher  string    `expr:"publisher"`  // as configured, else the source's title
	Title      string    `expr:"title"`      //
	Text       string    `expr:"text"`       // title, summary and content without markup
	Words      []string  `expr:"words"`      // of the text, as written
	Names      []string  `expr:"names"`      // runs of capitalised words, and each of these words
	Categories []string  `expr:"categories"` // labels, else terms
	Authors    []string  `expr:"authors"`    // names
	Language   string    `expr:"language"`   // as declared
	Published  time.Time `expr:"published"`  // never later than first seen
}

// Compile reads a rule. The error, if any, is a *RuleError.
func Compile(text string) (*Rule, error) {
	program, err := expr.Compile(text, expr.Env(facts{}), expr.AsBool())
	if err != nil {
		return nil, ruleError(err)
	}
	return &Rule{text: text, program: program}, nil
}

func ruleError(err error) *RuleError {
	if at, ok := errors.AsType[*file.Error](err); ok {
		return &RuleError{Message: at.Message, column: at.Column + 1}
	}
	return &RuleError{Message: err.Error()}
}

// Meets reports whether the entry of v meets the rule. An error means that the
// rule could not be decided for this entry, such as a division by zero in it.
func (r *Rule) Meets(v copydesk.Voice) (bool, error) {
	answer, err := expr.Run(r.program, read(v))
	if err != nil {
		return false, fmt.Errorf("rule %q, entry %s: %w", r.text, v.Entry.ID, err)
	}
	return answer.(bool), nil
}

func read(v copydesk.Voice) facts {
	f := facts{
		Source:    v.Source.Handle(),
		Publisher: v.Source.Publisher,
		Title:     v.Entry.Title,
		Text:      strings.Join([]string{v.Entry.Title, bare(v.Entry.Summary), bare(v.Entry.Content)}, "\n"),
		Language:  v.Entry.Language,
		Published: v.Entry.NewsTime(),
	}
	if f.Publisher == "" {
		f.Publisher = v.Source.Title()
	}
	for _, c := range v.Entry.Categories {
		label := c.Label
		if label == "" {
			label = c.Term
		}
		f.Categories = append(f.Categories, label)
	}
	for _, a := range v.Entry.Authors {
		f.Authors = append(f.Authors, a.Name)
	}
	for _, phrase := range strings.FieldsFunc(f.Text, endsPhrase) {
		words := strings.FieldsFunc(phrase, endsWord)
		f.Words = append(f.Words, words...)
		f.Names = append(f.Names, names(words)...)
	}
	return f
}

func endsPhrase(r rune) bool { return strings.ContainsRune("\n.,;:!?()[]\"“”„«»。、", r) }

func endsWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("-'’", r)
}

// names are the runs of capitalised words in a phrase, and each word of a run.
func names(words []string) (found []string) {
	var run []string
	for _, word := range append(words[:len(words):len(words)], "") {
		if first, _ := utf8.DecodeRuneInString(word); unicode.IsUpper(first) {
			run = append(run, word)
			found = append(found, word)
			continue
		}
		if len(run) > 1 {
			found = append(found, strings.Join(run, " "))
		}
		run = nil
	}
	return found
}
