package bankfile

import (
	"fmt"

	"sverka/schema"
)

// turnover is what was read of an account.
type turnover struct{ in, out schema.Amount }

func (t *turnover) add(row *schema.BankTransaction) {
	if row.Direction == schema.BankIn {
		t.in += row.Amount
	} else {
		t.out += row.Amount
	}
}

// checkTotals compares what the bank says of each account with the lines that
// were read. A difference is a warning: lines are kept, a person looks.
func (s *Statement) checkTotals(read map[string]turnover) {
	said := map[string]turnover{}
	complete := map[string]bool{}
	var order []string
	seen := map[string]bool{}
	for _, a := range s.Accounts {
		s.checkBalance(a)
		period := fmt.Sprint(a.Account, a.From, a.To)
		if seen[period] {
			continue // some banks repeat a section
		}
		seen[period] = true
		if _, known := complete[a.Account]; !known {
			complete[a.Account] = true
			order = append(order, a.Account)
		}
		if a.In == nil || a.Out == nil {
			complete[a.Account] = false
			continue
		}
		t := said[a.Account]
		t.in += *a.In
		t.out += *a.Out
		said[a.Account] = t
	}
	for _, account := range order {
		if complete[account] {
			s.compare(account, "credits", said[account].in, read[account].in)
			s.compare(account, "debits", said[account].out, read[account].out)
		}
	}
}

func (s *Statement) compare(account, what string, said, read schema.Amount) {
	if said != read {
		s.warn(CodeControlTotal, 0, what, said.String(),
			fmt.Sprintf("account %s: the bank's total of %s is %s, the lines add up to %s, difference %s", masked(account), what, said, read, said-read),
			"compare with the bank's own statement; lines may be missing or refused")
	}
}

// checkBalance adds a period up: opening + credits - debits = closing.
func (s *Statement) checkBalance(a AccountTotals) {
	if a.Opening == nil || a.In == nil || a.Out == nil || a.Closing == nil {
		return
	}
	if got := *a.Opening + *a.In - *a.Out; got != *a.Closing {
		s.warn(CodeControlTotal, 0, "closing_balance", a.Closing.String(),
			fmt.Sprintf("account %s: opening %s + credits %s - debits %s = %s, not the closing balance", masked(a.Account), *a.Opening, *a.In, *a.Out, got),
			"ask the bank for a correct statement")
	}
}

// fillTurnover fills credits and debits from the lines read, for formats that say only balances.
func fillTurnover(a *AccountTotals, read turnover) {
	if a.In == nil && a.Out == nil {
		a.In, a.Out = &read.in, &read.out
	}
}

// masked shows the end of an account number, enough to tell our accounts apart.
func masked(account string) string {
	if len(account) > 4 {
		return "…" + account[len(account)-4:]
	}
	return account
}
