package onecsim

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// odataError is an answer with the error envelope of standard.odata.
type odataError struct {
	status  int
	code    string
	message string
}

func (e *odataError) Error() string {
	return fmt.Sprintf("%d code %s: %s", e.status, e.code, e.message)
}

func errNotFound() *odataError {
	return &odataError{http.StatusNotFound, "9", "Экземпляр сущности не найден"}
}

func errSegment(segment string) *odataError {
	return &odataError{http.StatusNotFound, "6", "Сегмент пути " + segment + " не найден!"}
}

func errMethod() *odataError {
	return &odataError{http.StatusBadRequest, "6", "Метод не найден"}
}

func errFilter() *odataError {
	return &odataError{http.StatusBadRequest, "14", "Ошибка при разборе опции запроса $filter"}
}

func errParse(value, edm string) *odataError {
	return &odataError{http.StatusBadRequest, "1", fmt.Sprintf("Не удалось разобрать строку '%s' как значение типа %s!", value, edm)}
}

func errInternal() *odataError {
	return &odataError{http.StatusInternalServerError, "-1", "Произошла внутренняя ошибка OData сервиса"}
}

func errJSON() *odataError {
	return &odataError{http.StatusInternalServerError, "-1", "Непредвиденный символ при чтении JSON"}
}

func errSection() *odataError {
	return &odataError{http.StatusBadRequest, "13", "Cоздание строк табличной части напрямую не поддерживается"}
}

func errDuplicate() *odataError {
	return &odataError{http.StatusBadRequest, "15", "Запись с такими ключевыми полями существует!"}
}

// errHandler is a refusal by a handler of the configuration.
func errHandler(handler, place, text string) *odataError {
	return &odataError{http.StatusInternalServerError, "-1", fmt.Sprintf("Ошибка при выполнении обработчика - '%s' {%s}: %s", handler, place, text)}
}

func (e *odataError) write(w http.ResponseWriter) {
	body := map[string]any{"odata.error": map[string]any{
		"code": e.code, "message": map[string]any{"lang": "ru", "value": e.message},
	}}
	writeJSON(w, e.status, body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;odata=minimalmetadata;charset=utf-8")
	w.Header().Set("DataServiceVersion", "3.0;")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the caller may have gone; nothing can be done about it
}
