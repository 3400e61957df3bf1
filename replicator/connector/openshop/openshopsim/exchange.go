package openshopsim

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

const (
	cookieName  = "openshop_session"
	sessionLife = time.Hour
	maxUpload   = 256 << 20
)

// session is one login; files and offers belong to it.
type session struct {
	kind     string // catalog or sale
	sessid   string
	expires  time.Time
	files    map[string]*bytes.Buffer
	progress map[string]int
	offered  map[string]int // order number → version that the query gave
}

// exchange dispatches on type and mode, as shops do: the method does not matter
// but for mode=file.
func (s *Sim) exchange(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	q := r.URL.Query()
	kind, mode := q.Get("type"), q.Get("mode")
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(s.opts.FileLimit)+1))
	if err != nil {
		answer(w, "failure", "тело запроса оборвалось", "code=busy")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if kind != "catalog" && kind != "sale" {
		answer(w, "failure", "неизвестный type", "code=malformed")
		return
	}
	if mode == "checkauth" {
		s.checkauth(w, r, kind)
		return
	}
	ses := s.session(r, kind)
	if ses == nil {
		w.WriteHeader(http.StatusUnauthorized)
		answer(w, "failure", "сессия не найдена или закончилась", "code=session")
		return
	}
	switch mode {
	case "init":
		_, _ = fmt.Fprintf(w, "zip=%s\nfile_limit=%d", map[bool]string{true: "yes", false: "no"}[s.opts.Zip], s.opts.FileLimit)
	case "file":
		s.file(w, r, ses, q.Get("filename"), body)
	case "import":
		s.imports(w, ses, q.Get("filename"))
	case "query":
		s.query(w, ses)
	case "success":
		s.taken(ses)
		answer(w, "success")
	default:
		answer(w, "failure", "неизвестный mode", "code=malformed")
	}
}

func answer(w io.Writer, lines ...string) {
	_, _ = io.WriteString(w, strings.Join(lines, "\n"))
}

func (s *Sim) authorised(r *http.Request) bool {
	user, password, ok := r.BasicAuth()
	return ok && user == s.opts.User && password == s.opts.Password
}

func (s *Sim) checkauth(w http.ResponseWriter, r *http.Request, kind string) {
	if !s.authorised(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="exchange"`)
		w.WriteHeader(http.StatusUnauthorized)
		answer(w, "failure", "неверное имя или пароль", "code=auth")
		return
	}
	for key, old := range s.sessions {
		if s.now().After(old.expires) {
			delete(s.sessions, key)
		}
	}
	key := token()
	ses := &session{kind: kind, sessid: token(), expires: s.now().Add(sessionLife), files: map[string]*bytes.Buffer{}, progress: map[string]int{}}
	s.sessions[key] = ses
	s.opened++
	answer(w, "success", cookieName, key, "sessid="+ses.sessid)
}

func (s *Sim) session(r *http.Request, kind string) *session {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return nil
	}
	ses := s.sessions[c.Value]
	if ses == nil || ses.kind != kind || s.now().After(ses.expires) {
		return nil
	}
	if given := r.URL.Query().Get("sessid"); given != ses.sessid {
		return nil
	}
	return ses
}

// file appends a fragment: fragments of one name are one file.
func (s *Sim) file(w io.Writer, r *http.Request, ses *session, name string, body []byte) {
	clean := path.Clean("/" + strings.ReplaceAll(name, `\`, "/"))[1:]
	switch {
	case r.Method != http.MethodPost:
		answer(w, "failure", "файл передаётся методом POST", "code=malformed")
	case name == "" || clean != name:
		answer(w, "failure", "недопустимое имя файла", "code=malformed")
	case len(body) == 0:
		answer(w, "failure", "Файл для импорта пуст.", "code=malformed")
	case len(body) > s.opts.FileLimit:
		answer(w, "failure", "фрагмент больше file_limit", "code=malformed")
	default:
		f := ses.files[name]
		if f == nil {
			f = &bytes.Buffer{}
			ses.files[name] = f
		}
		if f.Len()+len(body) > maxUpload {
			answer(w, "failure", "файл слишком велик", "code=malformed")
			return
		}
		f.Write(body)
		answer(w, "success")
	}
}

// imports works on one uploaded document, all or nothing.
func (s *Sim) imports(w io.Writer, ses *session, name string) {
	doc, err := s.uploaded(ses, name)
	if err != nil {
		s.failure(w, err)
		return
	}
	if ses.progress[name] < s.opts.ProgressSteps {
		ses.progress[name]++
		answer(w, "progress", fmt.Sprintf("шаг %d из %d", ses.progress[name], s.opts.ProgressSteps))
		return
	}
	if err := s.apply(ses.kind, doc); err != nil {
		s.failure(w, err)
		return
	}
	answer(w, "success", "импорт завершён")
}

func (s *Sim) failure(w io.Writer, err error) {
	var r *refusal
	if !errors.As(err, &r) {
		r = refuse("malformed", "документ не читается")
	}
	answer(w, "failure", r.text, "code="+r.code)
}

// uploaded finds a document among the files and in the archives of a session.
func (s *Sim) uploaded(ses *session, name string) ([]byte, error) {
	if f := ses.files[name]; f != nil && !bytes.HasPrefix(f.Bytes(), []byte("PK")) {
		return f.Bytes(), nil
	}
	if s.opts.Zip {
		for _, key := range sortedKeys(ses.files) {
			b := ses.files[key].Bytes()
			z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				continue
			}
			for _, f := range z.File {
				if f.Name != name {
					continue
				}
				rc, err := f.Open()
				if err != nil {
					return nil, refuse("malformed", "архив не читается")
				}
				doc, err := io.ReadAll(io.LimitReader(rc, maxUpload))
				if cerr := rc.Close(); err != nil || cerr != nil {
					return nil, refuse("malformed", "архив не читается")
				}
				return doc, nil
			}
		}
	}
	return nil, refuse("malformed", "файл для импорта не найден")
}

// query gives the orders that nobody has taken yet.
func (s *Sim) query(w http.ResponseWriter, ses *session) {
	if ses.kind != "sale" {
		answer(w, "failure", "заказы отдаются в type=sale", "code=malformed")
		return
	}
	ses.offered = map[string]int{}
	var doc bytes.Buffer
	charset := "utf-8"
	if s.opts.Encoding == "windows-1251" {
		charset = s.opts.Encoding
	}
	doc.WriteString(`<?xml version="1.0" encoding="` + charset + `"?>` + "\n")
	fmt.Fprintf(&doc, `<КоммерческаяИнформация ВерсияСхемы="2.07" ДатаФормирования="%s">`+"\n", s.now().In(moscow()).Format("2006-01-02T15:04:05"))
	for _, number := range s.sequence {
		if o := s.orders[number]; !o.taken {
			ses.offered[number] = o.version
			s.writeOrder(&doc, o)
		}
	}
	doc.WriteString("</КоммерческаяИнформация>\n")
	w.Header().Set("Content-Type", "application/xml; charset="+charset)
	out := doc.Bytes()
	if charset == "windows-1251" {
		// Characters that the code page lacks go as references, as real shops send them.
		encoded, err := charmap.Windows1251.NewEncoder().Bytes(asReferences(out))
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		out = encoded
	}
	_, _ = w.Write(out)
}

func asReferences(utf8 []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(utf8) {
		if _, ok := charmap.Windows1251.EncodeRune(r); ok {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return b.Bytes()
}

// taken marks what this session's query gave, unless it has changed since.
func (s *Sim) taken(ses *session) {
	for number, version := range ses.offered {
		if o := s.orders[number]; o != nil && o.version == version {
			o.taken = true
		}
	}
}
